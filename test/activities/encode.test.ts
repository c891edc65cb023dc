import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledFailure } from '@temporalio/common';
import { WorkFolders } from '../../activities/work-folder.ts';
import { keys } from '../../storage/keys.ts';
import { readVideo } from '../../media/video-reader.ts';
import type { StoredFile } from '../../contract/results.ts';
import { type ActivityBench, openActivityBench } from '../support/services/activity-bench.ts';
import { BLUE, RED, generateClip, jobOf } from '../../tools/harness/model/clips.ts';
import { bt709, decodeMp4 } from '../../tools/harness/model/decoded.ts';
import { holdsVideo, workFiles } from '../support/model/work-files.ts';

let bench: ActivityBench;
beforeAll(async () => {
  bench = await openActivityBench();
});
afterAll(async () => await bench?.close());

const pathOf = (file: StoredFile) => join(fileURLToPath(bench.scratch.url), file.key);

describe('encode', () => {
  it('gives the frames that were asked for: trimmed, cut from the middle, at the right times', async () => {
    const job = jobOf('video_trim', { width: 90, height: 60, numFrames: 10, fps: 12 });
    const generated = await generateClip(bench.scratch, job);
    expect(generated).toMatchObject({ width: 96, height: 64, numFrames: 13 });
    const { video } = await bench.run('encode', job, generated);
    const clip = await decodeMp4(pathOf(video));
    expect(clip).toMatchObject({ width: 90, height: 60 });
    expect(clip.frames.map((frame) => frame.time)).toEqual(Array.from({ length: 10 }, (_, i) => i / 12));
    // The square's left edge: two pixels a frame, three of the 96 cut away on the left.
    const isRed = ([, , cr]: number[]) => cr! > 160;
    for (const [i, frame] of clip.frames.entries()) {
      const left = 2 * i - 3;
      expect([isRed(frame.at(left + 4, 30)), isRed(frame.at(left + 32 + 3, 30))]).toEqual([true, false]);
    }
  });

  it('keeps the colours: really converted with the BT.709 matrix that the file is tagged with', async () => {
    const job = jobOf('video_colour');
    const { video } = await bench.run('encode', job, await generateClip(bench.scratch, job));
    const { frames } = await decodeMp4(pathOf(video));
    for (const [rgb, x, y] of [
      [RED, 16, 32],
      [BLUE, 80, 32],
    ] as const) {
      const expected = bt709(rgb);
      for (const [i, value] of frames[3]!.at(x, y).entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(2);
    }
    await readVideo(pathOf(video), async ({ stream: { codecpar } }) => {
      // 1 is BT.709 for primaries, transfer and matrix; range 1 is limited.
      const { colorPrimaries, colorTrc, colorSpace, colorRange } = codecpar;
      expect({ colorPrimaries, colorTrc, colorSpace, colorRange }).toEqual({
        colorPrimaries: 1,
        colorTrc: 1,
        colorSpace: 1,
        colorRange: 1,
      });
    });
  });

  it('puts the index in front, so that a browser starts to play before the end has come', async () => {
    const job = jobOf('video_start');
    const { video } = await bench.run('encode', job, await generateClip(bench.scratch, job));
    const bytes = await readFile(pathOf(video));
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  });

  it.each([
    [1, 8],
    [2, 23.976],
    [7, 29.97],
    [31, 7.5],
  ])('takes clips of %d frames at %d frames a second', async (numFrames, fps) => {
    const job = jobOf(`video_rate${numFrames}`, { width: 64, height: 64, numFrames, fps });
    const encoded = await bench.run('encode', job, await generateClip(bench.scratch, job));
    const { frames } = await decodeMp4(pathOf(encoded.video));
    expect(frames).toHaveLength(numFrames);
    expect(frames.at(-1)!.time).toBeCloseTo((numFrames - 1) / fps, 3);
    await expect(bench.run('upload', job, encoded)).resolves.toBeDefined();
  });

  it('gives a WebP thumbnail in full size and a JPEG spritesheet of the whole clip', async () => {
    const job = jobOf('video_stills');
    const encoded = await bench.run('encode', job, await generateClip(bench.scratch, job));
    const sizeOf = (file: StoredFile) =>
      readVideo(pathOf(file), async ({ stream }) => `${stream.codecpar.width}x${stream.codecpar.height}`);
    expect((await readFile(pathOf(encoded.thumbnail))).toString('latin1', 8, 12)).toBe('WEBP');
    expect(await sizeOf(encoded.thumbnail)).toBe('96x64');
    // Ten tiles: two rows of five.
    expect(await sizeOf(encoded.spritesheet)).toBe('480x128');
    expect(encoded.spritesheet.contentType).toBe('image/jpeg');
  });

  it('is the same file, byte for byte, when two workers make it at once', async () => {
    const job = jobOf('video_twice', { numFrames: 31 });
    const generated = await generateClip(bench.scratch, job);
    const [first, second] = await Promise.all([
      bench.run('encode', job, generated),
      bench.run('encode', job, generated),
    ]);
    expect(second).toEqual(first);
    expect(await bench.run('encode', job, generated)).toEqual(first);
  });

  it('stops when it is cancelled, and leaves no files behind', async () => {
    const job = jobOf('video_cancel', { width: 848, height: 480, numFrames: 61 });
    const generated = await generateClip(bench.scratch, job);
    const { result, cancel } = bench.begin('encode', job, generated);
    const ended = expect(result).rejects.toBeInstanceOf(CancelledFailure);
    while (!holdsVideo(await workFiles(bench.tempDir))) await sleep(5);
    cancel();
    await ended;
    expect(await readdir(bench.tempDir)).toEqual([]);
    expect(await bench.scratch.head(keys.variant(job.videoId, 'video'))).toBeNull();
  });

  it('refuses frames that were damaged in the store, instead of publishing them', async () => {
    const job = jobOf('video_damaged');
    const generated = await generateClip(bench.scratch, job);
    const running = bench.run('encode', job, { ...generated, framesSha256: '00' });
    await expect(running).rejects.toMatchObject({ type: 'encoding_failed', nonRetryable: true });
    const short = bench.run('encode', job, { ...generated, numFrames: 19 });
    await expect(short).rejects.toThrow('holds 13 frames of 96x64, not the 19');
  });

  it('lets frames that are damaged for good be made again, and reads those again that were damaged on their way', async () => {
    const line = await openActivityBench();
    const job = jobOf('video_flipped');
    const generated = await generateClip(line.scratch, job);
    const { body } = await line.scratch.get(generated.framesKey);
    const intact = await buffer(body);
    const damaged = Buffer.from(intact);
    damaged[damaged.length - 2000]! ^= 1;
    const record = keys.framesRecord(job.videoId);
    await line.scratch.put(record, Buffer.from('{}'));
    try {
      // For two seconds every read gives the same wrong bytes.
      await line.scratch.put(generated.framesKey, damaged);
      const mended = sleep(2000).then(() => line.scratch.put(generated.framesKey, intact));
      const running = line.run('encode', job, generated);
      await expect(running).rejects.toMatchObject({ type: 'encoding_failed', nonRetryable: false });
      await mended;
      expect(await line.scratch.head(record)).not.toBeNull();
      await expect(line.run('encode', job, generated)).resolves.toBeDefined();

      for (const lasting of [damaged, Buffer.from('no video at all')]) {
        await line.scratch.put(record, Buffer.from('{}'));
        await line.scratch.put(generated.framesKey, lasting);
        const again = line.run('encode', job, generated);
        await expect(again).rejects.toMatchObject({ type: 'encoding_failed', nonRetryable: true });
        expect(await line.scratch.head(record)).toBeNull();
      }
    } finally {
      await line.close();
    }
  });

  it('says which store lacks the frames', async () => {
    const job = jobOf('video_gone');
    const generated = await generateClip(bench.scratch, job);
    await bench.scratch.delete(generated.framesKey);
    const running = bench.run('encode', job, generated);
    await expect(running).rejects.toMatchObject({ type: 'encoding_failed', nonRetryable: false });
    await expect(running).rejects.toThrow(bench.scratch.url);
  });
});

describe('the folders of running activities', () => {
  it('are cleared of what a killed worker left, but not of a running one’s', async () => {
    const root = join(bench.folder, 'sweep');
    const folders = new WorkFolders(root);
    await folders.use(async (mine) => {
      const [, host] = mine.split('@');
      const dead = `4194304@${host}@dead`;
      const parents = `${process.ppid}@${host}@alive`;
      await new WorkFolders(join(root, dead)).use((inner) => appendFile(join(inner, 'frames.mkv'), 'x'));
      await new WorkFolders(join(root, parents)).use((inner) => appendFile(join(inner, 'frames.mkv'), 'x'));
      await new WorkFolders(root).sweep();
      expect(await readdir(root)).toEqual([parents]);
    });
  });
});
