import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANCEL_SIGNAL } from '../../contract/names.ts';
import { CpuHarness } from '../support/services/cpu-harness.ts';
import { outcomeOf, stageOf, statusOf } from '../support/services/video-handle.ts';
import { untilAborted } from '../support/gated-store.ts';
import { gate } from '../../tools/harness/gate.ts';
import { generateClip, jobOf } from '../../tools/harness/model/clips.ts';
import { until } from '../../tools/harness/patience.ts';

const NOTHING = { scratch: [], artefacts: [] };

/** Works until it sees its cancel. */
async function untilCancelled(started: () => void): Promise<never> {
  started();
  return await Context.current().cancelled;
}

describe('a cancel', () => {
  let line: CpuHarness;
  let gpuStarted = false;
  beforeAll(async () => {
    line = await CpuHarness.start();
    await line.startCpuWorker();
  });
  afterAll(async () => await line?.stop());
  afterEach(() => {
    line.generate = (input) => generateClip(line.scratch, input);
    line.scratch.before = line.artefacts.before = async () => {};
  });

  const startGpu = async () => {
    if (!gpuStarted) await line.startGpuWorker();
    gpuStarted = true;
  };

  it('ends a video that waits in the queue at once, without a GPU', async () => {
    const handle = await line.submit(jobOf('video_queued'));
    await until(async () => (await statusOf(handle)).stage === 'generating');
    await handle.signal(CANCEL_SIGNAL);
    expect(await outcomeOf(handle)).toEqual({ code: 'cancelled', message: 'The video was cancelled.' });
    expect(await stageOf(handle)).toBe('cancelled');
  });

  it.each<[string, (handle: WorkflowHandle) => Promise<unknown>]>([
    ['signal', (handle) => handle.signal(CANCEL_SIGNAL)],
    ['Temporal', (handle) => handle.cancel()],
  ])('by %s stops generating, and the workflow ends only when the GPU has been let go', async (by, cancel) => {
    await startGpu();
    const { opened: reached, open: hold } = gate();
    let freeAt = 0;
    line.generate = async (input) => {
      try {
        return await untilCancelled(hold);
      } finally {
        await line.scratch.put(`videos/${input.videoId}/checkpoint-00002.safetensors`, Buffer.from('latents'));
        await sleep(300);
        freeAt = Date.now();
      }
    };
    const handle = await line.submit(jobOf(`video_generating_${by}`));
    await reached;
    await cancel(handle);
    expect(await outcomeOf(handle)).toMatchObject({ code: 'cancelled' });
    expect(freeAt).toBeGreaterThan(0);
    expect(await line.filesOf(handle.workflowId)).toEqual(NOTHING);
  });

  it('stops encoding, and deletes everything', async () => {
    await startGpu();
    const { opened: reached, open: hold } = gate();
    line.scratch.before = async (operation, key, signal) => {
      if (operation !== 'getToFile' || !key.endsWith('frames.mkv')) return;
      hold();
      await untilAborted(signal);
    };
    const handle = await line.submit(jobOf('video_encoding'));
    await reached;
    expect(await statusOf(handle)).toEqual({ stage: 'encoding', cancelRequested: false });
    await handle.signal(CANCEL_SIGNAL);
    expect(await outcomeOf(handle)).toMatchObject({ code: 'cancelled' });
    expect(await line.filesOf(handle.workflowId)).toEqual(NOTHING);
  });

  it('stops an upload in its middle, and takes back what was published', async () => {
    await startGpu();
    const { opened: reached, open: hold } = gate();
    line.artefacts.before = async (_operation, key, signal) => {
      if (!key.endsWith('video.mp4')) return;
      hold();
      await untilAborted(signal);
    };
    const handle = await line.submit(jobOf('video_uploading'));
    await reached;
    expect((await line.filesOf(handle.workflowId)).artefacts).toEqual(['spritesheet.jpg', 'thumbnail.webp']);
    await handle.signal(CANCEL_SIGNAL);
    expect(await outcomeOf(handle)).toMatchObject({ code: 'cancelled' });
    expect(await line.filesOf(handle.workflowId)).toEqual(NOTHING);
  });

  it('that comes after the upload is too late: the video is completed', async () => {
    await startGpu();
    const { opened: reached, open: hold } = gate();
    const { opened: released, open: release } = gate();
    line.scratch.before = async (operation) => {
      if (operation !== 'deletePrefix') return;
      hold();
      await released;
    };
    const handle = await line.submit(jobOf('video_late'));
    await reached;
    await handle.signal(CANCEL_SIGNAL);
    await handle.cancel();
    release();
    await expect(handle.result()).resolves.toMatchObject({ inferenceTimeS: 1.25 });
    expect(await line.filesOf(handle.workflowId)).toMatchObject({ scratch: [] });
    expect((await line.filesOf(handle.workflowId)).artefacts).toHaveLength(3);
  });
});
