import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AV_CODEC_ID_VP9 } from 'node-av/constants';
import yauzl from 'yauzl';
import type { Export } from '../../contract/exports.ts';
import { exportMedia } from '../../media/exports/export-media.ts';
import { RGB_OF_MP4 } from '../../media/exports/frames.ts';
import { FrameFilter, YUV } from '../../media/frame-filter.ts';
import { readVideo } from '../../media/video-reader.ts';
import { BLUE, generateClip, jobOf, RED, type Rgb } from '../../tools/harness/model/clips.ts';
import { bt709, decodeMp4 } from '../../tools/harness/model/decoded.ts';
import { type ActivityBench, openActivityBench } from '../support/services/activity-bench.ts';

const SPEC = { width: 96, height: 64, numFrames: 11, fps: 12 };

let bench: ActivityBench;
let mp4Path: string;
beforeAll(async () => {
  bench = await openActivityBench();
  const job = jobOf('video_exported', SPEC);
  const { video } = await bench.run('encode', job, await generateClip(bench.scratch, job));
  mp4Path = join(fileURLToPath(bench.scratch.url), video.key);
});
afterAll(() => bench?.close());

async function exported(variant: Export, name: string = variant): Promise<string> {
  const path = join(bench.folder, name);
  const seen: number[] = [];
  const { signal } = new AbortController();
  await exportMedia(variant, { mp4Path, path, signal, onFrame: (frames) => seen.push(frames) });
  expect(seen.at(-1)).toBe(SPEC.numFrames);
  return path;
}

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** Every frame as RGB bytes. */
const framesOf = (path: string, chain: string) =>
  readVideo(path, async ({ stream, frames }) => {
    const { width, height } = stream.codecpar;
    const filter = await FrameFilter.open(chain, { width, height, ...YUV });
    const found: Buffer[] = [];
    for await (const frame of frames()) {
      frame.pts = BigInt(found.length);
      await filter.push(frame, async (rgb) => void found.push(rgb.toBuffer()));
    }
    filter.close();
    return found;
  });

/** Files of a ZIP, in its order. */
async function filesOf(path: string): Promise<{ name: string; content: Buffer }[]> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, file) => (error ? reject(error) : resolve(file))),
  );
  const entries = await new Promise<yauzl.Entry[]>((resolve, reject) => {
    const found: yauzl.Entry[] = [];
    zip.on('entry', (entry: yauzl.Entry) => (found.push(entry), zip.readEntry()));
    zip.on('end', () => resolve(found)).on('error', reject);
    zip.readEntry();
  });
  const files: { name: string; content: Buffer }[] = [];
  for (const entry of entries) {
    expect(entry.compressionMethod).toBe(0);
    const content = await new Promise<Buffer>((resolve, reject) =>
      zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(buffer(stream)))),
    );
    files.push({ name: entry.fileName, content });
  }
  zip.close();
  return files;
}

const near = (value: readonly number[], wanted: readonly number[], most: number) =>
  expect(Math.max(...value.map((v, i) => Math.abs(v - wanted[i]!)))).toBeLessThan(most);

describe('an export has what the MP4 shows', () => {
  it('as WebM: VP9 of the same frames at the same times, with the same settings in it', async () => {
    const path = await exported('webm');
    const settings = await readVideo(mp4Path, async ({ format }) => format.metadata!.get('comment'));
    await readVideo(path, async ({ stream, format, frames }) => {
      expect(stream.codecpar).toMatchObject({ codecId: AV_CODEC_ID_VP9, width: 96, height: 64, colorSpace: 1 });
      expect(format.metadata!.get('COMMENT')).toBe(settings);
      const times: number[] = [];
      for await (const frame of frames()) {
        times.push((Number(frame.pts) * stream.timeBase.num) / stream.timeBase.den);
      }
      expect(times).toHaveLength(SPEC.numFrames);
      for (const [i, time] of times.entries()) expect(time).toBeCloseTo(i / SPEC.fps, 2);
    });
    const { frames } = await decodeMp4(path);
    near(frames[3]!.at(16, 32), bt709(RED), 8);
    near(frames[3]!.at(80, 32), bt709(BLUE), 8);
  });

  it('as GIF: every frame, for as long as in the MP4, in its colours', async () => {
    const path = await exported('gif');
    const bytes = await readFile(path);
    expect(bytes.toString('latin1', 0, 6)).toBe('GIF89a');
    // Plays on and on.
    expect(bytes.includes('NETSCAPE2.0')).toBe(true);
    await readVideo(path, async ({ stream, frames }) => {
      expect(stream.codecpar).toMatchObject({ width: 96, height: 64 });
      let count = 0;
      let last = 0;
      for await (const frame of frames()) {
        // BGRA of the middle of the square, and beside it.
        const pixel = (x: number): Rgb => {
          const at = (32 * 96 + x) * 4;
          const [b = 0, g = 0, r = 0] = frame.toBuffer().subarray(at, at + 3);
          return [r, g, b];
        };
        if (count === 3) near(pixel(16), RED, 12);
        if (count === 3) near(pixel(80), BLUE, 12);
        last = (Number(frame.pts) * stream.timeBase.num) / stream.timeBase.den;
        count++;
      }
      expect(count).toBe(SPEC.numFrames);
      expect(last).toBeCloseTo((SPEC.numFrames - 1) / SPEC.fps, 1);
    });
  });

  it('as a GIF that is small enough to be posted, however large the video is', async () => {
    const job = jobOf('video_large', { width: 320, height: 848, numFrames: 2, fps: 12 });
    const { video } = await bench.run('encode', job, await generateClip(bench.scratch, job));
    const path = join(bench.folder, 'large.gif');
    const { signal } = new AbortController();
    await exportMedia('gif', { mp4Path: join(fileURLToPath(bench.scratch.url), video.key), path, signal });
    await readVideo(path, async ({ stream }) => {
      expect(stream.codecpar).toMatchObject({ width: 242, height: 640 });
    });
  });

  it('as PNGs: each frame, pixel by pixel', async () => {
    const files = await filesOf(await exported('frames'));
    const names = Array.from({ length: SPEC.numFrames }, (_, i) => `frame-${String(i + 1).padStart(5, '0')}.png`);
    expect(files.map(({ name }) => name)).toEqual(names);
    const frames = await framesOf(mp4Path, RGB_OF_MP4);
    expect(frames).toHaveLength(SPEC.numFrames);
    const png = join(bench.folder, 'frame.png');
    for (const [i, { content }] of files.entries()) {
      await writeFile(png, content);
      const pixels = await readVideo(png, async ({ frames: pictures }) => {
        for await (const picture of pictures()) return picture.toBuffer();
        return null;
      });
      expect(pixels?.equals(frames[i]!)).toBe(true);
    }
    const at = (32 * 96 + 16) * 3;
    near([...frames[3]!.subarray(at, at + 3)], RED, 6);
  });
});

it.each<Export>(['webm', 'gif', 'frames'])('a %s is the same file, byte for byte, at any worker', async (variant) => {
  const first = await sha256(await exported(variant, 'first'));
  expect(await sha256(await exported(variant, 'second'))).toBe(first);
});

it.each<Export>(['webm', 'gif', 'frames'])('a %s that nobody wants any more is given up', async (variant) => {
  const stop = new AbortController();
  const onFrame = (frames: number) => frames === 2 && stop.abort(new Error('not wanted'));
  const path = join(bench.folder, 'given-up');
  await expect(exportMedia(variant, { mp4Path, path, signal: stop.signal, onFrame })).rejects.toThrow('not wanted');
});
