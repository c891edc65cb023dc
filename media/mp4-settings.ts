import { ByteReader, EndOfBytesError } from './byte-reader.ts';

/** The file is no MP4, or one that contradicts itself. The message completes "The file …". */
export class InvalidMp4Error extends Error {
  override readonly name = 'InvalidMp4Error';
}

/** The longest comment that is read, in bytes: no prompt is as long. Nothing of a file is held but that. */
export const MAX_COMMENT_BYTES = 1 << 20;
/** Boxes of a file that are looked at. A finished video has about thirty. */
const MAX_BOXES = 10_000;

/** Where the metadata item `comment` is (ISO/IEC 14496-12, 8.11; its item list is Apple's). Only these boxes are entered. */
const PATH = ['moov', 'udta', 'meta', 'ilst', '\xa9cmt', 'data'];
/** What comes in some of them before the boxes: version and flags. */
const FULL_BOX_BYTES = 4;
/** Type of the value, and its language. */
const DATA_HEAD_BYTES = 8;
/** UTF-8. */
const TEXT = 1;

interface Box {
  type: string;
  /** Position after its last byte. */
  end: number;
}

/**
 * Reads the metadata item `comment` of an MP4 as it streams by. Everything else is counted and thrown away, and the file
 * is read to its end, so that one that was cut off is not taken for a whole one.
 *
 * @returns the comment's bytes as they are; null where there is none
 * @throws InvalidMp4Error, and what `chunks` throws
 */
export async function readMp4Comment(chunks: AsyncIterable<Uint8Array>): Promise<Buffer | null> {
  return (await walk(chunks, true))?.bytes ?? null;
}

/** The metadata item `comment`, and where it lies. */
export interface Mp4Comment {
  bytes: Buffer;
  /** Position of its first byte in the file. */
  start: number;
}

/** The same without what comes after it in the file. @throws as {@link readMp4Comment} */
export const findMp4Comment = (chunks: AsyncIterable<Uint8Array>): Promise<Mp4Comment | null> => walk(chunks, false);

async function walk(chunks: AsyncIterable<Uint8Array>, toTheEnd: boolean): Promise<Mp4Comment | null> {
  const bytes = new ByteReader(chunks);
  try {
    return await new Walk(bytes).file(toTheEnd);
  } catch (error) {
    if (error instanceof EndOfBytesError) throw new InvalidMp4Error('ends in the middle of a box: it was cut off');
    throw error;
  } finally {
    await bytes.close();
  }
}

class Walk {
  readonly #bytes: ByteReader;
  #boxes = 0;
  #comment: Mp4Comment | null = null;

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  async file(toTheEnd: boolean): Promise<Mp4Comment | null> {
    const seen = new Set<string>();
    while (!(await this.#bytes.ended())) {
      const { type, end } = await this.#head(Infinity);
      if (seen.size === 0 && type !== 'ftyp') throw new InvalidMp4Error('is not an MP4: it does not begin with "ftyp"');
      if (type === PATH[0] && seen.has(type)) throw new InvalidMp4Error('has more than one "moov" box');
      seen.add(type);
      if (type === PATH[0] && end !== Infinity) await this.#enter(1, end);
      if (this.#comment !== null && !toTheEnd) return this.#comment;
      if (end === Infinity) await this.#bytes.drain();
      else await this.#bytes.skip(end - this.#bytes.position);
    }
    if (!seen.has('moov')) throw new InvalidMp4Error(seen.size === 0 ? 'is empty' : 'has no "moov" box');
    return this.#comment;
  }

  /** Goes through the boxes of one of {@link PATH}; there are only so many levels, whatever the file nests. */
  async #enter(depth: number, end: number): Promise<void> {
    if (depth === PATH.length) return await this.#data(end);
    if (PATH[depth - 1] === 'meta') await this.#part(FULL_BOX_BYTES, end);
    // What is too short for a box is padding: QuickTime ends `udta` with a zero.
    while (end - this.#bytes.position >= 8 && this.#comment === null) {
      const box = await this.#head(end);
      if (box.type === PATH[depth]) await this.#enter(depth + 1, box.end);
      await this.#bytes.skip(box.end - this.#bytes.position);
    }
  }

  async #data(end: number): Promise<void> {
    const head = await this.#part(DATA_HEAD_BYTES, end);
    const bytes = end - this.#bytes.position;
    if (head.readUInt32BE(0) !== TEXT) return;
    if (bytes > MAX_COMMENT_BYTES) {
      throw new InvalidMp4Error(`has a comment of ${bytes} bytes; at most ${MAX_COMMENT_BYTES} are read`);
    }
    const start = this.#bytes.position;
    this.#comment = { start, bytes: await this.#bytes.read(bytes) };
  }

  async #part(length: number, end: number): Promise<Buffer> {
    if (end - this.#bytes.position < length) throw new InvalidMp4Error('has a box that is too small for what it holds');
    return await this.#bytes.read(length);
  }

  /** @param limit position that the box must not go beyond; Infinity at the top, where the last one may be open */
  async #head(limit: number): Promise<Box> {
    if (++this.#boxes > MAX_BOXES) throw new InvalidMp4Error(`has more than ${MAX_BOXES} boxes`);
    const start = this.#bytes.position;
    const head = await this.#bytes.read(8);
    const type = head.toString('latin1', 4, 8);
    let size = head.readUInt32BE(0);
    if (size === 0 && limit === Infinity) return { type, end: Infinity };
    if (size === 1) size = Number((await this.#part(8, limit)).readBigUInt64BE(0));
    if (size < this.#bytes.position - start || !Number.isSafeInteger(start + size) || start + size > limit) {
      throw new InvalidMp4Error(`has a box ${JSON.stringify(type)} of ${size} bytes, which cannot be`);
    }
    return { type, end: start + size };
  }
}
