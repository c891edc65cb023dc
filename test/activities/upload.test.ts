import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../storage/keys.ts';
import type { GenerateVideoInput, VideoSpec } from '../../contract/video-job.ts';
import type { EncodeResult } from '../../contract/results.ts';
import { type ActivityBench, openActivityBench } from '../support/services/activity-bench.ts';
import { generateClip, jobOf } from '../../tools/harness/model/clips.ts';

let bench: ActivityBench;
beforeAll(async () => {
  bench = await openActivityBench();
});
afterAll(async () => await bench?.close());

async function encoded(videoId: string): Promise<{ job: GenerateVideoInput; files: EncodeResult }> {
  const job = jobOf(videoId);
  const files = await bench.run('encode', job, await generateClip(bench.scratch, job));
  return { job, files };
}

async function keysOf(store: ActivityBench['scratch'], videoId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(keys.prefix(videoId))) found.push(key);
  return found;
}

describe('upload', () => {
  it('publishes the three files with their checksums, the same when two workers do it at once', async () => {
    const { job, files } = await encoded('video_publish');
    const [first, second] = await Promise.all([bench.run('upload', job, files), bench.run('upload', job, files)]);
    expect(second).toEqual(first);
    for (const file of Object.values(first.artefacts)) {
      const bytes = await readFile(join(fileURLToPath(bench.artefacts.url), file.key));
      expect(file).toMatchObject({
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      });
    }
    expect(first.artefacts.video).toMatchObject({ key: 'videos/video_publish/video.mp4', contentType: 'video/mp4' });
    expect(await readdir(bench.tempDir)).toEqual([]);
  });

  it.each<[string, Partial<VideoSpec>]>([
    ['too few frames', { numFrames: 11 }],
    ['another size', { width: 128 }],
    ['another frame rate', { fps: 10 }],
  ])('refuses a video with %s than was asked for, and publishes nothing', async (_what, change) => {
    const { job, files } = await encoded('video_other');
    const asked = { ...job, spec: { ...job.spec, ...change } };
    await expect(bench.run('upload', asked, files)).rejects.toMatchObject({ type: 'artefact_invalid' });
    expect(await keysOf(bench.artefacts, 'video_other')).toEqual([]);
  });

  it.each<[string, (mp4: Buffer) => Buffer]>([
    ['cut off', (mp4) => mp4.subarray(0, mp4.length - 400)],
    ['overwritten in part', (mp4) => Buffer.from(mp4).fill(0x55, mp4.length - 600, mp4.length - 200)],
    ['empty', () => Buffer.alloc(0)],
  ])('refuses a video that was %s and so does not decode', async (_what, damage) => {
    const { job, files } = await encoded('video_broken');
    const broken = damage(await readFile(join(fileURLToPath(bench.scratch.url), files.video.key)));
    await bench.scratch.put(files.video.key, broken);
    const sha256 = createHash('sha256').update(broken).digest('hex');
    const video = { ...files.video, sha256, bytes: broken.length };
    const running = bench.run('upload', job, { ...files, video });
    await expect(running).rejects.toMatchObject({ type: 'artefact_invalid' });
    expect(await keysOf(bench.artefacts, 'video_broken')).toEqual([]);
  });

  it('refuses a file that is not the one that was encoded', async () => {
    const { job, files } = await encoded('video_swapped');
    await bench.scratch.put(files.thumbnail.key, Buffer.from('something else'));
    await expect(bench.run('upload', job, files)).rejects.toMatchObject({
      type: 'artefact_invalid',
      cause: { message: 'videos/video_swapped/thumbnail.webp is not the file that was encoded' },
    });
  });
});

describe('cleaning up', () => {
  it('deletes the scratch files of one video only, and the finished ones only where told to; twice is no error', async () => {
    const { job, files } = await encoded('video_done');
    const other = await encoded('video_done2');
    await bench.run('upload', job, files);
    await bench.run('cleanUp', 'video_done', { artefacts: false });
    expect(await keysOf(bench.scratch, 'video_done')).toEqual([]);
    expect(await keysOf(bench.artefacts, 'video_done')).toHaveLength(3);
    await bench.run('cleanUp', 'video_done', { artefacts: true });
    await bench.run('cleanUp', 'video_done', { artefacts: true });
    expect(await keysOf(bench.artefacts, 'video_done')).toEqual([]);
    expect(await keysOf(bench.scratch, other.job.videoId)).toHaveLength(4);
  });

  it('takes the marks of one video only, and only where told whose it is; twice is no error', async () => {
    const [own, others] = [keys.mark('alice', 'video_done', 'star'), keys.mark('alice', 'video_done2', 'star')];
    for (const key of [own, others]) await bench.artefacts.put(key, new Uint8Array());
    await bench.run('cleanUp', 'video_done', { artefacts: true });
    expect(await bench.artefacts.head(own)).not.toBeNull();
    for (let i = 0; i < 2; i++) await bench.run('cleanUp', 'video_done', { artefacts: true, marksOf: 'alice' });
    expect([await bench.artefacts.head(own), (await bench.artefacts.head(others))?.key]).toEqual([null, others]);
  });
});
