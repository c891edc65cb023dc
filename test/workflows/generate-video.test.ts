import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreDeniedError } from '../../storage/object-store.ts';
import { BUNDLE_VARIANTS, workflowBundle } from '../../temporal/bundle.ts';
import { failure } from '../../contract/failure.ts';
import { createLogger } from '../../platform/log/logger.ts';
import type { Stage } from '../../contract/video-job.ts';
import { CpuHarness } from '../support/services/cpu-harness.ts';
import { outcomeOf, stageOf, statusOf } from '../support/services/video-handle.ts';
import { generateClip, jobOf } from '../../tools/harness/model/clips.ts';
import { until } from '../../tools/harness/patience.ts';

let line: CpuHarness;
beforeAll(async () => {
  line = await CpuHarness.start();
  await line.startCpuWorker();
  await line.startGpuWorker();
});
afterAll(async () => await line?.stop());
afterEach(() => {
  line.generate = (input) => generateClip(line.scratch, input);
  line.scratch.before = line.artefacts.before = async () => {};
});

describe('a video', () => {
  it('is completed with its files, its stage and its figures, and leaves nothing in the scratch store', async () => {
    const seen = new Set<Stage>();
    line.scratch.before = async (operation) => {
      // The clean-up is part of the workflow's task, and a question would wait for that.
      if (operation !== 'deletePrefix') seen.add((await statusOf(handle)).stage);
    };
    line.generate = async (input) => {
      seen.add((await statusOf(handle)).stage);
      return await generateClip(line.scratch, input);
    };
    const handle = await line.submit({ ...jobOf('video_whole'), warnings: ['from the API'] });
    const result = await handle.result();
    expect(result).toMatchObject({ inferenceTimeS: 1.25, peakMemoryMb: 321, warnings: ['from the API'] });
    expect(Math.abs(result.completedAt - Date.now() / 1000)).toBeLessThan(60);
    const { key, sha256 } = result.artefacts.video;
    const bytes = await readFile(line.pathOf(line.artefacts, key));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    expect(await line.filesOf('video_whole')).toEqual({
      scratch: [],
      artefacts: ['spritesheet.jpg', 'thumbnail.webp', 'video.mp4'],
    });
    expect([...seen]).toEqual(['generating', 'encoding', 'uploading']);
    expect(await statusOf(handle)).toEqual({ stage: 'completed', cancelRequested: false });
    expect(await stageOf(handle)).toBe('completed');
  });

  it('reads well in the Web UI: a summary on every activity, the step as current details', async () => {
    const handle = line.client.workflow.getHandle('video_whole');
    const { events } = await handle.fetchHistory();
    const summaries = (events ?? [])
      .filter((event) => event.activityTaskScheduledEventAttributes || event.markerRecordedEventAttributes)
      .filter((event) => event.userMetadata?.summary)
      .map((event) => JSON.parse(Buffer.from(event.userMetadata?.summary?.data ?? []).toString()) as string);
    expect(summaries).toEqual([
      '96x64, 10 frames at 12 fps, seed 7',
      '96x64, 13 frames, 4 steps',
      '10 frames to H.264',
      expect.stringMatching(/^\d+ bytes of video$/),
      'scratch files',
    ]);
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(
      /^\*\*completed\*\*\n\naccount \S+ · model \S+ · 96x64, 10 frames at 12 fps, seed 7, 4 steps$/,
    );
  });

  it('can be replayed from its history, so that a worker restart in any step, tracing or not, is harmless', async () => {
    const history = await line.client.workflow.getHandle('video_whole').fetchHistory();
    const sinks = { exporter: { export: { fn: () => {} } } };
    for (const variant of BUNDLE_VARIANTS) {
      const codePath = await workflowBundle(createLogger('test', 'silent'), variant);
      await Worker.runReplayHistory({ workflowBundle: { codePath }, sinks }, history, 'video_whole');
    }
  });

  it('survives a store that fails for a while', async () => {
    let failures = 2;
    line.artefacts.before = async () => {
      if (failures-- > 0) throw new Error('503 SlowDown');
    };
    const handle = await line.submit(jobOf('video_outage'));
    await expect(handle.result()).resolves.toBeDefined();
    expect(failures).toBeLessThan(0);
  });

  it('is completed within seconds though its scratch files cannot be deleted, and they are once they can', async () => {
    let down = true;
    let tries = 0;
    line.scratch.before = async (operation) => {
      if (operation !== 'deletePrefix') return;
      tries++;
      if (down) throw new Error('503 SlowDown');
    };
    const handle = await line.submit(jobOf('video_not_tidied'));
    await handle.result();
    expect(await stageOf(handle)).toBe('completed');
    expect((await line.filesOf('video_not_tidied')).scratch).not.toEqual([]);
    expect(tries).toBeGreaterThan(1);
    down = false;
    await until(async () => (await line.filesOf('video_not_tidied')).scratch.length === 0);
    expect((await line.filesOf('video_not_tidied')).artefacts).toHaveLength(3);
  });

  it('is completed at once where deleting is forbidden, which is not tried again', async () => {
    let tries = 0;
    line.scratch.before = async (operation) => {
      if (operation !== 'deletePrefix') return;
      tries++;
      throw new StoreDeniedError('s3:DeleteObject', 's3://videos refuses s3:DeleteObject');
    };
    const handle = await line.submit(jobOf('video_forbidden'));
    await handle.result();
    await sleep(2_000);
    expect(tries).toBe(1);
  });

  it('whose upload is forbidden fails and says so, instead of being tried for a quarter of an hour', async () => {
    line.artefacts.before = async () => {
      throw new StoreDeniedError('s3:PutObject', 's3://videos refuses s3:PutObject');
    };
    const handle = await line.submit(jobOf('video_not_published'));
    expect(await outcomeOf(handle)).toMatchObject({ code: 'storage_denied' });
    expect((await line.filesOf('video_not_published')).scratch).toContain('frames.mkv');
  });

  it('is encoded again when the file that was made does not pass the check', async () => {
    let spoilt = false;
    line.scratch.before = async (operation, key) => {
      if (operation !== 'getToFile' || !key.endsWith('video.mp4') || spoilt) return;
      spoilt = true;
      await line.scratch.put(key, Buffer.from('half a file'));
    };
    const handle = await line.submit(jobOf('video_spoilt'));
    await expect(handle.result()).resolves.toBeDefined();
    expect(spoilt).toBe(true);
  });

  it('is made again from its checkpoint when its frames are damaged in the store, and completed', async () => {
    let generated = 0;
    line.generate = (input) => {
      generated++;
      return generateClip(line.scratch, input);
    };
    let damaged = false;
    line.scratch.before = async (operation, key) => {
      if (operation !== 'getToFile' || !key.endsWith('frames.mkv') || damaged) return;
      damaged = true;
      const { body } = await line.scratch.get(key);
      const frames = await buffer(body);
      frames[frames.length - 2000]! ^= 1;
      await line.scratch.put(key, frames);
    };
    const handle = await line.submit(jobOf('video_rotten'));
    await expect(handle.result()).resolves.toBeDefined();
    expect(generated).toBe(2);
  });

  it('fails with the code and the words of what went wrong, and keeps what a later run can go on from', async () => {
    line.generate = async ({ videoId }) => {
      await line.scratch.put(`videos/${videoId}/checkpoint-00002.safetensors`, Buffer.from('latents'));
      throw failure('out_of_memory');
    };
    const handle = await line.submit(jobOf('video_memory'));
    expect(await outcomeOf(handle)).toEqual({
      code: 'out_of_memory',
      message: 'The device ran out of memory. Ask for a smaller size or a shorter clip.',
    });
    expect(await stageOf(handle)).toBe('failed');
    expect(await line.filesOf('video_memory')).toEqual({ scratch: ['checkpoint-00002.safetensors'], artefacts: [] });
  });

  it.each<[string, () => Promise<never>, string]>([
    ['without a code', () => Promise.reject(ApplicationFailure.nonRetryable('boom')), 'generation_failed'],
    ['that gave up', () => Promise.reject(failure('worker_lost')), 'worker_lost'],
  ])('whose generate fails %s ends with a code of the table', async (_what, generate, code) => {
    line.generate = generate;
    const handle = await line.submit(jobOf(`video_${code}`));
    expect(await outcomeOf(handle)).toMatchObject({ code });
  });

  it('that the model cannot make is refused before any GPU work', async () => {
    line.generate = () => Promise.reject(new Error('was called'));
    const handle = await line.submit(jobOf('video_refused', { numFrames: 200 }));
    expect(await outcomeOf(handle)).toEqual({
      code: 'shape_not_supported',
      message: "num_frames: 200 is above the model's 61. Ask for fewer frames or seconds.",
    });
  });
});
