import { describe, expect, it } from 'vitest';
import { InvalidMp4Error, MAX_COMMENT_BYTES, readMp4Comment } from '../../media/mp4-settings.ts';
import { box, commentItem, dataBox, FTYP, longBox, moovOf, mp4With } from '../support/mp4.ts';

/** The file in pieces of so many bytes. */
async function* inPieces(file: Buffer, bytes = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += bytes) yield file.subarray(at, at + bytes);
}

const read = async (file: Buffer, bytes?: number) =>
  (await readMp4Comment(inPieces(file, bytes)))?.toString('utf8') ?? null;
const files = (...boxes: Buffer[]) => Buffer.concat(boxes);

describe('the comment of an MP4', () => {
  it('is found whatever pieces the file comes in, before or after the frames', async () => {
    const text = JSON.stringify({ prompt: 'ein Fuchs 🦊', seed: 7 });
    const late = files(
      FTYP,
      longBox('mdat', Buffer.alloc(3000)),
      moovOf(box('\xa9nam', dataBox('x')), commentItem(text)),
    );
    for (const file of [mp4With(text), late]) {
      for (const bytes of [1, 7, 64, file.length]) expect(await read(file, bytes)).toBe(text);
    }
  });

  it('is not missed where the last box says only that it goes on to the end', async () => {
    expect(await read(files(FTYP, moovOf(commentItem('here')), box('mdat', Buffer.alloc(5000), 0)))).toBe('here');
  });

  it('is none in a file without one, and what is no text is not taken for it', async () => {
    for (const moov of [
      box('moov'),
      box('moov', box('trak', box('udta', box('meta')))),
      moovOf(),
      moovOf(box('\xa9cmt', dataBox('{}', 13))),
      moovOf(box('\xa9cmt')),
    ]) {
      expect(await read(files(FTYP, moov, box('mdat', Buffer.alloc(9))))).toBeNull();
    }
  });

  it.each<[string, Buffer, string]>([
    ['text', Buffer.from('This is no video at all.'), 'does not begin with "ftyp"'],
    ['nothing', Buffer.alloc(0), 'is empty'],
    ['few bytes', Buffer.from('ftyp'), 'cut off'],
    ['a Matroska file', Buffer.from('1a45dfa3a3428681014286810142f2810442f381', 'hex'), 'does not begin with "ftyp"'],
    ['an MP4 without an index', files(FTYP, box('mdat', Buffer.alloc(50))), 'has no "moov"'],
    ['two indexes', files(FTYP, moovOf(commentItem('a')), moovOf(commentItem('b'))), 'more than one "moov"'],
    ['a size smaller than its own head', files(FTYP, box('moov', Buffer.alloc(9), 7)), 'cannot be'],
    ['a size of 0 within the index', files(FTYP, box('moov', box('udta', Buffer.alloc(9), 0))), 'cannot be'],
    ['a box larger than the one around it', files(FTYP, box('moov', box('udta', [], 4000)), box('free')), 'cannot be'],
    ['a huge size', files(FTYP, box('moov', [], 0xffffffff)), 'cut off'],
    ['a huge long size', files(FTYP, longBox('moov', Buffer.alloc(9), 1n << 62n)), 'cannot be'],
    ['a negative long size', files(FTYP, longBox('mdat', Buffer.alloc(9), (1n << 64n) - 1n)), 'cannot be'],
    ['a long size smaller than its head', files(FTYP, longBox('mdat', Buffer.alloc(9), 15n)), 'cannot be'],
    ['a long size that has no room', files(FTYP, box('moov', box('udta', [], 1))), 'too small'],
    ['too little room for what has to be there', files(FTYP, box('moov', box('udta', box('meta')))), 'too small'],
    ['a comment without a head', files(FTYP, moovOf(box('\xa9cmt', box('data', Buffer.alloc(4))))), 'too small'],
    ['boxes without end', files(FTYP, ...Array<Buffer>(10_000).fill(box('free'))), 'more than 10000 boxes'],
  ])('is refused in %s', async (_what, file, why) => {
    const reading = read(file);
    await expect(reading).rejects.toBeInstanceOf(InvalidMp4Error);
    await expect(reading).rejects.toThrow(why);
  });

  it('is refused wherever the file was cut off', async () => {
    const file = mp4With('a comment');
    const ends = [file.length - 1, file.length - 5000, 150, 200, FTYP.length + 4];
    for (const end of ends) await expect(read(file.subarray(0, end))).rejects.toThrow('cut off');
  });

  it('does not go down thousands of nested boxes', async () => {
    let nested = box('data');
    for (let depth = 0; depth < 5000; depth++) nested = box(['moov', 'udta', 'meta', 'ilst'][depth % 4]!, nested);
    await expect(read(files(FTYP, box('moov', nested)))).resolves.toBeNull();
  });

  it('costs no memory: frames and metadata of a gigabyte go by', async () => {
    const piece = Buffer.alloc(1 << 20);
    const pieces = 1024;
    const large = BigInt(16 + pieces * piece.length);
    async function* file() {
      yield files(FTYP, moovOf(commentItem('small')));
      yield longBox('mdat', Buffer.alloc(0), large);
      for (let i = 0; i < pieces; i++) yield piece;
    }
    async function* metadata() {
      const size = pieces * piece.length;
      const boxes: [string, number, number][] = [
        ['moov', 0, 0],
        ['udta', 0, 8],
        ['meta', 4, 16],
        ['ilst', 0, 28],
        ['\xa9cmt', 0, 36],
        ['data', 8, 44],
      ];
      yield FTYP;
      for (const [type, more, before] of boxes) {
        const content = Buffer.alloc(more);
        if (type === 'data') content.writeUInt32BE(1);
        yield box(type, content, size - before);
      }
      for (let i = 0; i < pieces; i++) yield piece;
    }
    const before = process.memoryUsage().arrayBuffers;
    expect((await readMp4Comment(file()))?.toString()).toBe('small');
    await expect(readMp4Comment(metadata())).rejects.toThrow(`at most ${MAX_COMMENT_BYTES} are read`);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
  });
});
