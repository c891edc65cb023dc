import { randomInt } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import { keys } from '../../../storage/keys.ts';
import type { GenerateResult } from '../../../contract/results.ts';
import { BEGUN_PRIORITY_KEYS } from '../../../contract/cost/job-class.ts';
import { TcpLink } from '../../../tools/chaos/tcp-link.ts';
import { GpuHarness } from '../../../tools/harness/services/gpu-harness.ts';
import {
  codeOf,
  EVERY,
  finished,
  lastStep,
  SPEC,
  startWorker,
  STEPS,
  stepped,
} from '../../support/services/gpu-video.ts';
import type { WorkerProcess } from '../../../tools/harness/services/worker-process.ts';
import { until } from '../../../tools/harness/patience.ts';

const GENERATE_ONLY = 'generateOnly';

let line: GpuHarness;
/** Frames of an undisturbed run. */
let undisturbed: string;

beforeAll(async () => {
  line = await GpuHarness.start();
  await startWorker(line);
  undisturbed = (await finished(line, await line.submit(SPEC))).framesSha256;
  await line.clear();
});
afterAll(async () => {
  await line?.stop();
});

/** Temporal's timers, that of a second attempt among them, may be this late. */
const TIMER_SHIFT_MS = 2_000;

/** Waits until Temporal would try a video again before new ones. */
async function priorityRaised(handle: WorkflowHandle): Promise<void> {
  const isFirst = async () => (await line.pending(handle))?.priority?.priorityKey === BEGUN_PRIORITY_KEYS.short;
  await until(isFirst);
}

const storedSteps = (worker: WorkerProcess) =>
  worker.log.filter(({ msg }) => msg === 'Checkpoint stored').map(({ step }) => Number(step));

describe('GPU workers that come and go', () => {
  afterEach(() => line.clear());

  it('killed at a random step loses only what came after its last checkpoint, and the frames are the same', async () => {
    const first = await startWorker(line);
    const handle = await line.submit(SPEC);
    await first.saw('Checkpoint stored');
    await stepped(first, randomInt(EVERY * 3, STEPS - EVERY));
    await first.stop();
    const second = await startWorker(line);
    const { resumedFromStep } = await second.saw('Generating');
    const killedAt = lastStep(first.log);
    process.stdout.write(`killed after step ${killedAt}, resumed after step ${String(resumedFromStep)}\n`);
    expect(resumedFromStep).toBeGreaterThanOrEqual(Math.max(...storedSteps(first)));
    expect(resumedFromStep).toBeGreaterThan(0);
    const result = await finished(line, handle);
    expect(result.framesSha256).toBe(undisturbed);
    expect(result.resumedFromStep).toBe(resumedFromStep);
  });

  it('told to stop hands its job over at once, no step is done twice, and it ends inside its grace', async () => {
    const [first, second] = [
      await startWorker(line, { SHUTDOWN_GRACE: '5', CHECKPOINT_STEPS: '1000' }),
      await startWorker(line),
    ];
    const handle = await line.submit(SPEC);
    const running = await Promise.race([first, second].map(async (worker) => (await worker.saw('Generating'), worker)));
    const other = running === first ? second : first;
    await stepped(running, 20);
    const asked = Date.now();
    running.kill('SIGTERM');
    const { resumedFromStep, at } = await other.saw('Generating');
    const { code, at: ended } = await running.exited;
    process.stdout.write(`handed over in ${at - asked} ms, ended after ${ended - asked} ms\n`);
    expect(resumedFromStep).toBe(lastStep(running.log));
    expect(code).toBe(0);
    expect((await finished(line, handle)).framesSha256).toBe(undisturbed);
  });

  it.each([
    ['killed', 'SIGKILL'],
    ['told to stop', 'SIGTERM'],
  ] as const)('%s in the middle of a video: that one goes on before ten that wait', async (_, signal) => {
    const first = await startWorker(line);
    const begun = await line.submit({ ...SPEC, numInferenceSteps: 1_000 }, GENERATE_ONLY);
    await first.saw('Checkpoint stored');
    const waiting = await Promise.all(
      Array.from({ length: 10 }, () => line.submit({ ...SPEC, numInferenceSteps: 2 }, GENERATE_ONLY)),
    );
    for (const handle of waiting) await until(() => line.pending(handle));
    await stepped(first, 20);
    await priorityRaised(begun);
    first.kill(signal);
    await first.exited;
    // Until Temporal has noticed, too.
    await until(async () => (await line.pending(begun))?.attempt === 2);
    await sleep(TIMER_SHIFT_MS);
    const second = await startWorker(line);
    const { videoId, resumedFromStep } = await second.saw('Generating');
    expect(videoId).toBe(begun.workflowId);
    expect(resumedFromStep).toBeGreaterThanOrEqual(Math.max(...storedSteps(first)));
  });

  it('asks again, at a later checkpoint, for a raised priority of a begun video where Temporal did not answer', async () => {
    // Some two seconds until the first checkpoint.
    const worker = await startWorker(line, { CHECKPOINT_STEPS: '200' });
    const handle = await line.submit({ ...SPEC, numInferenceSteps: 2_000 });
    await worker.saw('Generating');
    await line.withoutTemporal(() =>
      worker.saw('The priority could not be raised for now: a retry would wait like a new job'),
    );
    await priorityRaised(handle);
  });

  it('gives a job up that ended its worker three times at one place, and serves the next one', async () => {
    const handle = await line.submit({ ...SPEC, numInferenceSteps: 5_000 }, GENERATE_ONLY);
    for (let kills = 0; kills < 3; kills++) {
      const worker = await startWorker(line, { CHECKPOINT_STEPS: '5000' });
      const { crashes } = await worker.saw('Generating');
      expect(crashes).toBe(kills);
      await stepped(worker, 10);
      await sleep(600);
      await worker.stop();
    }
    const worker = await startWorker(line);
    expect(await codeOf(handle)).toBe('worker_lost');
    expect(worker.log.some(({ msg }) => msg === 'Step')).toBe(false);
    const next = await line.submit(SPEC);
    expect((await finished(line, next)).framesSha256).toBe(undisturbed);
  });

  it('killed four times, each time with more of the video done, still finish it', async () => {
    const handle = await line.submit({ ...SPEC, numInferenceSteps: 600 }, GENERATE_ONLY);
    for (let kills = 0; kills < 4; kills++) {
      const worker = await startWorker(line);
      const { resumedFromStep, crashes } = await worker.saw('Generating');
      expect(crashes).toBe(Math.min(kills, 1));
      await worker.saw('Checkpoint stored', { matches: ({ step }) => Number(step) > Number(resumedFromStep) });
      await worker.stop();
    }
    await startWorker(line);
    expect(await codeOf(handle)).toBe('completed');
  });

  it('lose no step and no video to three outages of Temporal that are longer than it waits for them', async () => {
    const spec = { ...SPEC, numInferenceSteps: 500 };
    const server = await TcpLink.open([line.temporalPort]);
    // Only what it leaves at the end of an attempt can be gone on with.
    const worker = await startWorker(line, {
      TEMPORAL_ADDRESS: `127.0.0.1:${server.port}`,
      CHECKPOINT_STEPS: '5000',
    });
    try {
      const handle = await line.submit(spec, GENERATE_ONLY);
      for (let outage = 1, from = 0; outage <= 3; outage++) {
        const { resumedFromStep } = await worker.saw('Generating', { from });
        await stepped(worker, Number(resumedFromStep) + 30, from);
        server.state = 'stalled';
        // Steps go on meanwhile, but not for as long as Temporal waits: the video is too short for that.
        await stepped(worker, lastStep(worker.log) + 30, from);
        const [device] = await worker.children();
        process.kill(device!, 'SIGSTOP');
        if (outage < 3) {
          await until(async () => (await line.pending(handle))?.attempt === outage + 1);
          server.state = 'open';
          process.kill(device!, 'SIGCONT');
        } else {
          // So long that the worker gives itself up, before it can ask.
          await worker.saw('Stopping after the running step', { from });
          process.kill(device!, 'SIGCONT');
          await worker.saw('Checkpoint stored', { from });
          server.state = 'open';
        }
        from = worker.log.indexOf(await worker.saw('Attempt ended', { from })) + 1;
        const reached = lastStep(worker.log.slice(0, from));
        expect(await worker.saw('Generating', { from })).toMatchObject({ resumedFromStep: reached, crashes: 0 });
      }
      const { framesSha256 } = (await handle.result()) as GenerateResult;
      const alone = await line.submit(spec);
      expect(framesSha256).toBe((await finished(line, alone)).framesSha256);
    } finally {
      await line.clear();
      await server.close();
    }
  });

  it('that stood still leaves nothing behind of a video that another has finished meanwhile', async () => {
    const frozen = await startWorker(line);
    const handle = await line.submit(SPEC);
    await stepped(frozen, 10);
    frozen.kill('SIGSTOP');
    await startWorker(line);
    expect((await finished(line, handle)).framesSha256).toBe(undisturbed);
    // As the clean-up does once the video is published.
    const prefix = keys.prefix(handle.workflowId);
    await line.scratch.deletePrefix(prefix);
    const from = frozen.log.length;
    frozen.kill('SIGCONT');
    await frozen.saw('Attempt ended', { from });
    const left: string[] = [];
    for await (const { key } of line.scratch.list(prefix)) left.push(key);
    expect(left).toEqual([]);
    const next = await line.submit(SPEC);
    expect((await finished(line, next)).framesSha256).toBe(undisturbed);
  });

  it('that stood still when it was given a video begins nothing of it once another has finished it', async () => {
    const frozen = await startWorker(line);
    frozen.kill('SIGSTOP');
    const handle = await line.submit(SPEC);
    await until(async () => (await line.pending(handle))?.lastStartedTime);
    const other = await startWorker(line);
    expect((await finished(line, handle)).framesSha256).toBe(undisturbed);
    await line.scratch.deletePrefix(keys.prefix(handle.workflowId));
    await other.stop();
    frozen.kill('SIGCONT');
    // Whatever it was given before comes first; on a busy machine the connection that held it may be lost.
    const next = await line.submit(SPEC);
    expect((await finished(line, next)).framesSha256).toBe(undisturbed);
    const generated = frozen.log.filter(({ msg }) => msg === 'Generating').map(({ videoId }) => videoId);
    expect(generated).toEqual([next.workflowId]);
  });

  it('does not blame the model for a scratch store that fails, and finishes once it works', async () => {
    await startWorker(line);
    const handle = await line.submit(SPEC);
    // Nothing can be written below a file.
    const folder = join(fileURLToPath(line.scratch.url), keys.prefix(handle.workflowId)).replace(/\/$/, '');
    await mkdir(join(folder, '..'), { recursive: true });
    await rm(folder, { recursive: true, force: true });
    await writeFile(folder, '');
    let failed: string | null | undefined;
    while (!failed) {
      await sleep(100);
      const { raw } = await handle.describe();
      failed = raw.pendingActivities?.[0]?.lastFailure?.applicationFailureInfo?.type;
    }
    expect(failed).toBe('storage_failed');
    await rm(folder);
    expect((await finished(line, handle)).framesSha256).toBe(undisturbed);
  });

  it('makes the same video on two devices as on one', async () => {
    const worker = await startWorker(line, { DEVICES: 'cpu,cpu' });
    const handle = await line.submit(SPEC);
    await worker.saw('Generating');
    expect(await worker.children()).toHaveLength(2);
    const result = await finished(line, handle);
    expect(result).toMatchObject({ framesSha256: undisturbed, device: 'cpu,cpu' });
    worker.kill('SIGTERM');
    expect(await worker.exited).toMatchObject({ code: 0 });
  });
});
