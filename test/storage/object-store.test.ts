import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../../storage/keys.ts';
import { ObjectNotFoundError, type ObjectInfo, type ObjectStore } from '../../storage/object-store.ts';
import { openStore } from '../../storage/open.ts';
import { killedUpload } from '../support/killed-upload.ts';
import { type S3Server, startS3Server } from '../../tools/harness/servers/s3-server.ts';
import { has } from '../support/needs/with-needs.ts';

const MB = 1024 * 1024;

let folder: string;
let s3: S3Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-store-'));
  if (has('s3')) s3 = await startS3Server();
});
afterAll(async () => {
  await Promise.all([s3?.stop(), rm(folder, { recursive: true, force: true })]);
});

const KINDS = [
  { kind: 'a local folder', url: () => pathToFileURL(join(folder, 'store')).href },
  { kind: 'S3', url: () => `s3://${s3.bucket}/a/prefix` },
];
/** A local folder needs none. */
const settings = () => (has('s3') ? s3.settings : {});

describe.each(KINDS.filter(({ kind }) => kind !== 'S3' || has('s3')))('$kind keeps what it is given', ({ url }) => {
  let store: ObjectStore;
  beforeAll(async () => {
    store = await openStore(url(), settings());
  });
  afterAll(() => store?.close());

  const read = async (key: string) => (await buffer((await store.get(key)).body)).toString();
  const keysBelow = async (prefix: string) => {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) found.push(key);
    return found;
  };

  it('passes its check', async () => {
    await expect(store.check()).resolves.toBeUndefined();
  });

  it('gives back the bytes and says what it knows of them', async () => {
    const put = await store.put('videos/one/video.mp4', Buffer.from('moving pictures'), { contentType: 'video/mp4' });
    const { info, body } = await store.get('videos/one/video.mp4');
    expect((await buffer(body)).toString()).toBe('moving pictures');
    expect(info).toMatchObject({ key: 'videos/one/video.mp4', bytes: 15, contentType: 'video/mp4', etag: put.etag });
    expect(info.etag).toMatch(/^"[^"]+"$/);
    expect(Math.abs(info.modifiedAt - Date.now() / 1000)).toBeLessThan(60);
    expect(await store.head('videos/one/video.mp4')).toEqual(info);
  });

  it('gives a stream of unknown length back whole, however large', async () => {
    const part = randomBytes(MB);
    const body = Readable.from(
      (function* () {
        for (let i = 0; i < 20; i++) yield part;
      })(),
    );
    expect((await store.put('videos/large/frames.mkv', body)).bytes).toBe(20 * MB);
    const target = join(folder, 'frames.mkv');
    expect((await store.getToFile('videos/large/frames.mkv', target)).bytes).toBe(20 * MB);
    const got = await readFile(target);
    expect(got.length).toBe(20 * MB);
    expect(got.subarray(19 * MB).equals(part) && got.subarray(0, MB).equals(part)).toBe(true);
  });

  it('takes a local file and writes one, leaving nothing else beside it', async () => {
    const source = join(folder, 'source.bin');
    await writeFile(source, 'from a file');
    await store.putFile('videos/file/checkpoint-00001.safetensors', source);
    const into = await mkdtemp(join(folder, 'into-'));
    await store.getToFile('videos/file/checkpoint-00001.safetensors', join(into, 'copy'));
    await store.getToFile('videos/file/checkpoint-00001.safetensors', join(into, 'copy'));
    expect(await readFile(join(into, 'copy'), 'utf8')).toBe('from a file');
    expect(await readdir(into)).toEqual(['copy']);
  });

  it('gives the part of an object that a player seeks to', async () => {
    await store.put('videos/range/video.mp4', Buffer.from('0123456789'));
    const part = async (start: number, end: number) => {
      const { info, body } = await store.get('videos/range/video.mp4', { start, end });
      expect(info.bytes).toBe(10);
      return (await buffer(body)).toString();
    };
    expect(await part(2, 4)).toBe('234');
    expect(await part(9, 9)).toBe('9');
    expect(await part(7, 99)).toBe('789');
    await expect(store.get('videos/range/video.mp4', { start: 10, end: 12 })).rejects.toThrow(RangeError);
  });

  it('changes the ETag whenever the bytes change, also within a moment and at the same length', async () => {
    const etags = new Set<string>();
    for (let i = 0; i < 10; i++) {
      await store.put('videos/etag/video.mp4', Buffer.from(`version ${i}`));
      etags.add((await store.head('videos/etag/video.mp4'))?.etag ?? '');
    }
    expect(etags.size).toBe(10);
  });

  it('never shows a mixture while two writers overwrite one key', async () => {
    const versions = [Buffer.alloc(MB, 'a'), Buffer.alloc(MB, 'b')];
    await store.put('videos/race/video.mp4', versions[0]!);
    const writers = { done: false };
    const all = Promise.all(
      versions.map(async (version) => {
        for (let i = 0; i < 8; i++) await store.put('videos/race/video.mp4', version);
      }),
    ).finally(() => (writers.done = true));
    let reads = 0;
    while (!writers.done || reads === 0) {
      // This S3 server exchanges bytes and checksum in two steps: a read between them must fail, and does.
      const got = await store
        .get('videos/race/video.mp4')
        .then(({ body }) => buffer(body))
        .catch((error: Error) => error);
      if (got instanceof Error) expect(got.message).toMatch(/^Checksum mismatch/);
      else expect(versions.some((version) => version.equals(got))).toBe(true);
      reads++;
    }
    await all;
  });

  it('says which object is missing', async () => {
    expect(await store.head('videos/none/video.mp4')).toBeNull();
    await expect(store.get('videos/none/video.mp4')).rejects.toThrow(ObjectNotFoundError);
    await expect(store.getToFile('videos/none/video.mp4', join(folder, 'none'))).rejects.toThrow(/videos\/none\/video/);
  });

  it('lists everything below a prefix in key order, and nothing beside it', async () => {
    const names = ['list/b/2', 'list/a-b/x', 'list/a.b', 'list/a/z', 'list/a0', 'list/b/10', 'listed/no'];
    await Promise.all(names.map((name) => store.put(name, Buffer.from(name))));
    expect(await keysBelow('list/')).toEqual([
      'list/a-b/x',
      'list/a.b',
      'list/a/z',
      'list/a0',
      'list/b/10',
      'list/b/2',
    ]);
    const listed: ObjectInfo[] = [];
    for await (const info of store.list('list/a/')) listed.push(info);
    expect(listed).toEqual([{ ...(await store.head('list/a/z')), modifiedAt: listed[0]?.modifiedAt }]);
    expect(await keysBelow('nothing/')).toEqual([]);
  });

  it('deletes an object, and all of a video, as often as asked', async () => {
    await Promise.all(['del/1/a', 'del/1/b/c', 'del/2/a'].map((key) => store.put(key, Buffer.from('x'))));
    await store.delete('del/2/a');
    await store.delete('del/2/a');
    await store.deletePrefix('del/1/');
    await store.deletePrefix('del/1/');
    expect(await keysBelow('del/')).toEqual([]);
    await store.put('del/1/a', Buffer.from('again'));
    expect(await read('del/1/a')).toBe('again');
  });

  it('shows nothing of an upload that was aborted, and keeps the object that was there', async () => {
    await store.put('videos/abort/video.mp4', Buffer.from('old'));
    const abort = new AbortController();
    const body = Readable.from(
      (async function* () {
        for (let i = 0; ; i++) {
          yield Buffer.alloc(MB);
          if (i === 10) abort.abort(new Error('no longer wanted'));
          await sleep(1);
        }
      })(),
    );
    await expect(store.put('videos/abort/video.mp4', body, { signal: abort.signal })).rejects.toThrow();
    expect(await read('videos/abort/video.mp4')).toBe('old');
    await expect(store.put('videos/abort/2', Buffer.from('x'), { signal: abort.signal })).rejects.toThrow();
    expect(await keysBelow('videos/abort/')).toEqual(['videos/abort/video.mp4']);
  });

  it('shows nothing of an upload whose source breaks', async () => {
    const body = Readable.from(
      (async function* () {
        yield Buffer.alloc(9 * MB);
        throw new Error('the decoder broke');
      })(),
    );
    await expect(store.put('videos/broken/frames.mkv', body)).rejects.toThrow('the decoder broke');
    expect(await store.head('videos/broken/frames.mkv')).toBeNull();
  });

  it('says that a file which it is to keep is gone, and goes on', async () => {
    const gone = join(folder, 'gone');
    await expect(store.putFile('kept/none', gone)).rejects.toThrow(/ENOENT/);
    await expect(store.putFile('kept/none', gone, { signal: AbortSignal.abort() })).rejects.toThrow();
    // The file is opened a moment later, when nobody waits for it any more.
    await sleep(100);
    expect(await store.head('kept/none')).toBeNull();
  });

  it('shows nothing of an upload whose process was killed', async () => {
    await store.put('videos/killed/video.mp4', Buffer.from('old'));
    await killedUpload({ url: url(), settings: settings(), key: 'videos/killed/video.mp4', megabytes: 12 });
    await killedUpload({ url: url(), settings: settings(), key: 'videos/killed/frames.mkv', megabytes: 12 });
    expect(await keysBelow('videos/killed/')).toEqual(['videos/killed/video.mp4']);
    expect(await read('videos/killed/video.mp4')).toBe('old');
  });

  it.each(['../outside', 'a/../../outside', '/etc/passwd', 'a//b', '', '.', 'a/.hidden', 'a\\b', 'a b', 'a/', 'ä'])(
    'refuses the key %j, which could reach outside',
    async (key) => {
      await expect(async () => store.put(key, Buffer.from('x'))).rejects.toThrow(InvalidKeyError);
      await expect(async () => store.get(key)).rejects.toThrow(InvalidKeyError);
      await expect(async () => store.delete(key)).rejects.toThrow(InvalidKeyError);
    },
  );

  it.each(['', 'videos', '../', 'videos/../'])('refuses to delete everything below %j', async (prefix) => {
    await expect(async () => store.deletePrefix(prefix)).rejects.toThrow();
  });
});

describe('a local folder', () => {
  it('says so when it cannot be written', async () => {
    await writeFile(join(folder, 'a-file'), '');
    const store = await openStore(pathToFileURL(join(folder, 'a-file', 'store')).href);
    await expect(store.check()).rejects.toThrow(/a-file\/store cannot be written: ENOTDIR/);
  });

  it('cleans up what killed writers left, and spares writers at work', async () => {
    const root = join(folder, 'leftovers');
    const url = pathToFileURL(root).href;
    await killedUpload({ url, settings: settings(), key: 'videos/v/frames.mkv', megabytes: 2 });
    const temporary = join(root, '.tmp');
    const [left = ''] = await readdir(temporary);
    await utimes(join(temporary, left), new Date(), new Date(Date.now() - 3_600_000));
    const store = await openStore(url);
    const abort = new AbortController();
    const atWork = store.put('videos/v/video.mp4', new Readable({ read() {} }), { signal: abort.signal });
    while ((await readdir(temporary)).every((name) => name === left)) await sleep(5);
    await store.check();
    const remaining = await readdir(temporary);
    abort.abort();
    await expect(atWork).rejects.toThrow();
    expect(remaining).toHaveLength(1);
    expect(remaining).not.toContain(left);
    expect(await readdir(temporary)).toEqual([]);
  });
});

it.each(['http://example.com/x', 's3:///nothing', '/a/folder'])('refuses %s as the URL of a store', async (url) => {
  await expect(openStore(url)).rejects.toThrow();
});
