import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forEachLosslessFrame } from '../../media/lossless-reader.ts';
import { LosslessWriter } from '../../media/lossless-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-lossless-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** Noise: every value of every channel, nothing that a lossy step would leave alone. */
function noise(frames: number, width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(frames * width * height * 3);
  for (let i = 0, x = 1; i < rgb.length; i++) rgb[i] = (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) >>> 24;
  return rgb;
}

async function writeFrames(
  path: string,
  rgb: Uint8Array,
  width: number,
  height: number,
  chunk: number,
): Promise<string> {
  const writer = await LosslessWriter.open({ width, height, fps: 12 });
  const stored = pipeline(writer.stream, createWriteStream(path));
  for (let at = 0; at < rgb.length; at += chunk) await writer.write(rgb.subarray(at, at + chunk));
  const sha256 = await writer.finish();
  await stored;
  return sha256;
}

describe('lossless frames', () => {
  it.each([
    [112, 80, 7],
    [848, 480, 1],
  ])('keep every bit of %dx%d frames', async (width, height, frames) => {
    const rgb = noise(frames, width, height);
    const path = join(folder, `${width}.mkv`);
    await writeFrames(path, rgb, width, height, width * height * 3);
    const back: Buffer[] = [];
    const shape = await forEachLosslessFrame(path, (frame) => void back.push(frame));
    expect(shape).toEqual({ width, height, frames, sha256: createHash('sha256').update(rgb).digest('hex') });
    expect(Buffer.compare(Buffer.concat(back), rgb)).toBe(0);
  });

  it('are the same file however the frames were chunked, so that a repeated job changes nothing', async () => {
    const rgb = noise(6, 64, 48);
    await writeFrames(join(folder, 'a.mkv'), rgb, 64, 48, 64 * 48 * 3);
    await writeFrames(join(folder, 'b.mkv'), rgb, 64, 48, 64 * 48 * 3 * 3);
    expect((await readFile(join(folder, 'a.mkv'))).equals(await readFile(join(folder, 'b.mkv')))).toBe(true);
  });

  it('leave the writer while frames still come in, so that memory does not grow with the clip', async () => {
    const rgb = noise(1, 320, 240);
    const writer = await LosslessWriter.open({ width: 320, height: 240, fps: 12 });
    let bytes = 0;
    const stored = (async () => {
      for await (const chunk of writer.stream) bytes += Buffer.from(chunk).length;
    })();
    for (let i = 0; i < 8; i++) await writer.write(rgb);
    expect(bytes).toBeGreaterThan(4 * rgb.length);
    await writer.finish();
    await stored;
  });

  it('end with the error of an upload that fails, instead of hanging', async () => {
    const rgb = noise(1, 320, 240);
    const writer = await LosslessWriter.open({ width: 320, height: 240, fps: 12 });
    const full = new Error('disk full');
    const attempt = (async () => {
      for (let i = 0; i < 50; i++) await writer.write(rgb);
    })();
    setTimeout(() => writer.stream.destroy(full), 50);
    await expect(attempt).rejects.toBe(full);
    await writer.abort(full);
  });

  it('pass an abort on to the upload, which then publishes nothing', async () => {
    const writer = await LosslessWriter.open({ width: 64, height: 48, fps: 12 });
    const stored = pipeline(writer.stream, createWriteStream(join(folder, 'aborted.mkv')));
    const failure = expect(stored).rejects.toThrow('cancelled');
    const writing = writer.write(noise(20, 64, 48)).catch(() => {});
    await writer.abort(new Error('cancelled'));
    await writing;
    await failure;
  });

  it('refuse bytes that are no whole frames', async () => {
    const writer = await LosslessWriter.open({ width: 64, height: 48, fps: 12 });
    await expect(writer.write(new Uint8Array(100))).rejects.toThrow('64x48');
    await writer.abort('done');
  });

  it('tell a damaged file by its checksum', async () => {
    const path = join(folder, 'damaged.mkv');
    const written = await writeFrames(path, noise(4, 64, 48), 64, 48, 64 * 48 * 3);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 0xff;
    await writeFile(path, bytes);
    expect((await forEachLosslessFrame(path, () => {})).sha256).not.toBe(written);
  });
});
