import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { keys } from '../../storage/keys.ts';
import { errorOf } from '../../temporal/failures.ts';
import { freePorts } from '../../temporal/ports.ts';
import {
  CANCEL_SIGNAL,
  type GenerateHeartbeat,
  type GenerateResult,
  type VideoSpec,
} from '../../workflows/contract.ts';
import { EVENT_LOOP_PROBE } from '../support/event-loop-probe.ts';
import { GpuLine } from '../support/gpu-line.ts';
import type { LogLine, WorkerProcess } from '../support/worker-process.ts';

/** Steps of some 10 ms: enough of them to hit one, and a second or two of decoding. */
const SPEC: VideoSpec = {
  prompt: 'a red circle',
  negativePrompt: '',
  model: 'mochi-1-preview',
  width: 96,
  height: 96,
  numFrames: 7,
  fps: 8,
  seed: 7,
  numInferenceSteps: 100,
  guidanceScale: 4.5,
};
const STEPS = SPEC.numInferenceSteps;
const EVERY = 5;
const GENERATE_ONLY = 'generateOnly';

// A machine that does other things too may take its time to start a process.
jest.setTimeout(240_000);

let line: GpuLine;
/** An undisturbed run. */
let reference: { handle: WorkflowHandle; result: GenerateResult; worker: WorkerProcess; health: string };
/** Its frames. */
let undisturbed: string;
/** What its heartbeat said on the way. */
let underway: GenerateHeartbeat | null;

beforeAll(async () => {
  line = await GpuLine.start();
  const [port = 0] = await freePorts(1);
  const worker = await start({
    NODE_OPTIONS: `--import=${EVENT_LOOP_PROBE}`,
    STEP_DEADLINE: '8',
    HEALTH_PORT: String(port),
  });
  const handle = await line.submit(SPEC);
  do {
    await sleep(50);
    underway = await line.heartbeat(handle);
  } while (!underway?.step);
  const result = await finished(handle);
  await worker.saw('Attempt ended');
  reference = { handle, result, worker, health: `http://127.0.0.1:${port}` };
  undisturbed = result.framesSha256;
});

afterAll(async () => {
  await line?.stop();
});

const start = (env: Record<string, string> = {}) => line.worker({ CHECKPOINT_STEPS: String(EVERY), ...env });

/** Waits until a worker has finished that many steps; returns the line that says so. */
const stepped = (worker: WorkerProcess, step: number, from = 0) =>
  worker.saw('Step', { matches: (entry) => Number(entry['step']) >= step, from });

const lastStep = (log: LogLine[]) => Number(log.findLast(({ msg }) => msg === 'Step')?.['step'] ?? 0);
const storedSteps = (worker: WorkerProcess) =>
  worker.log.filter(({ msg }) => msg === 'Checkpoint stored').map(({ step }) => Number(step));

/** What `generate` answered, after checking that the file holds what the answer says. */
async function finished(handle: WorkflowHandle): Promise<GenerateResult> {
  await handle.result();
  const result = line.results.get(handle.workflowId)!;
  expect(await line.framesOf(handle.workflowId)).toBe(result.framesSha256);
  return result;
}

/** Longest pause of the event loop while a job ran, in ms, without what the machine had no core for. */
function longestPause(log: LogLine[]): number {
  const job = log.slice(
    log.findIndex(({ msg }) => msg === 'Generating'),
    log.findIndex(({ msg }) => msg === 'Attempt ended'),
  );
  const pauses = job.filter(({ msg }) => msg === 'Event loop pause');
  return Math.max(0, ...pauses.map(({ ms, starvedMs }) => Number(ms) - Number(starvedMs)));
}

async function codeOf(handle: WorkflowHandle): Promise<string> {
  return handle.result().then(
    () => 'completed',
    (error: unknown) => errorOf(error).code,
  );
}

describe('a GPU worker', () => {
  it('makes the frames, tells how far it is, and keeps two checkpoints', async () => {
    const { handle, result } = reference;
    expect(result).toMatchObject({ width: 96, height: 96, numFrames: 7, resumedFromStep: 0, device: 'cpu' });
    expect(result.inferenceTimeS).toBeGreaterThan(0);
    expect(underway).toMatchObject({ steps: STEPS, totalFrames: 7, attempt: 1, crashes: 0, clean: false });
    expect(underway!.etaSeconds).toBeGreaterThanOrEqual(0);
    const kept = [];
    for await (const { key } of line.scratch.list(keys.prefix(handle.workflowId))) kept.push(key);
    expect(kept.filter((key) => key.includes('checkpoint'))).toHaveLength(2);
    // The newer one holds the final latents.
    expect(kept).toContain(keys.checkpoint(handle.workflowId, STEPS));
  });

  it('answers its probes', async () => {
    const status = async (path: string) => (await fetch(reference.health + path)).status;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(200);
  });

  it('never keeps its event loop busy for a tenth of a second, so that heartbeats and probes are answered', async () => {
    const { worker } = reference;
    let longest = longestPause(worker.log);
    // A pause that the code makes is there every time; one of a busy machine that the probe does not see is not.
    for (let more = 0; longest >= 100 && more < 3; more++) {
      const from = worker.log.length;
      await finished(await line.submit(SPEC));
      await worker.saw('Attempt ended', { from });
      longest = Math.min(longest, longestPause(worker.log.slice(from)));
    }
    process.stdout.write(`event loop of the Temporal worker: longest pause in a job ${longest} ms\n`);
    expect(longest).toBeLessThan(100);
  });

  it.each([
    ['dies', 'SIGKILL', /ended \(SIGKILL\)/],
    ['hangs', 'SIGSTOP', /did not end within 8 s/],
  ] as const)('whose inference process %s starts a new one and goes on', async (_, signal, reason) => {
    const { worker } = reference;
    const from = worker.log.length;
    const handle = await line.submit(SPEC);
    await stepped(worker, 30, from);
    const [child] = await worker.children();
    process.kill(child!, signal);
    const lost = await worker.saw('Device lost', { from });
    expect((lost['err'] as Error).message).toMatch(reason);
    const again = worker.log.indexOf(lost);
    const { resumedFromStep, crashes } = await worker.saw('Generating', { from: again });
    expect(resumedFromStep).toBe(lastStep(worker.log.slice(0, again)));
    expect(crashes).toBe(1);
    expect(await worker.children()).not.toContain(child);
    expect((await finished(handle)).framesSha256).toBe(undisturbed);
  });

  it('is free within one step of a cancel', async () => {
    const { worker } = reference;
    const before = worker.log.length;
    const handle = await line.submit({ ...SPEC, numInferenceSteps: 2_000 });
    await stepped(worker, 20, before);
    const asked = Date.now();
    await handle.signal(CANCEL_SIGNAL);
    expect(await codeOf(handle)).toBe('cancelled');
    const stopped = await worker.saw('Stopped', { from: before });
    const seen = worker.log.slice(worker.log.findLastIndex(({ msg }) => msg === 'Stopping after the running step'));
    const stepsAfter = seen.filter(({ msg }) => msg === 'Step').length;
    process.stdout.write(
      `cancel: the device was free after ${stopped.at - asked} ms, ${stepsAfter} steps after the worker heard of it\n`,
    );
    expect(stepsAfter).toBeLessThanOrEqual(1);
    expect(stopped.at - asked).toBeLessThan(5_000);
    // The same process takes the next job: nothing was killed.
    const from = worker.log.length;
    const next = await line.submit(SPEC);
    await worker.saw('Generating', { from });
    expect((await finished(next)).framesSha256).toBe(undisturbed);
    expect(worker.log.slice(before).some(({ msg }) => msg === 'Starting new inference processes')).toBe(false);
  });
});

// The limit is set from outside by a program of util-linux.
(process.platform === 'linux' ? describe : describe.skip)('a GPU worker whose device runs out of memory', () => {
  it('says so at once instead of trying again, and makes the next video in a new inference process', async () => {
    const { worker } = reference;
    const from = worker.log.length;
    const handle = await line.submit({ ...SPEC, width: 512, numInferenceSteps: 20 });
    await stepped(worker, 1, from);
    const [child] = await worker.children();
    const virtualKb = Number(/VmSize:\s+(\d+)/.exec(await readFile(`/proc/${child}/status`, 'utf8'))?.[1]);
    await promisify(execFile)('prlimit', ['--pid', String(child), `--as=${(virtualKb + 200 * 1024) * 1024}`]);
    expect(await codeOf(handle)).toBe('out_of_memory');
    expect(worker.log.slice(from).filter(({ msg }) => msg === 'Generating')).toHaveLength(1);
    expect((await finished(await line.submit(SPEC))).framesSha256).toBe(undisturbed);
    expect(await worker.children()).not.toContain(child);
  });
});

describe('GPU workers that come and go', () => {
  beforeAll(() => line.clear());
  afterEach(() => line.clear());

  it('killed at a random step loses only what came after its last checkpoint, and the frames are the same', async () => {
    const first = await start();
    const handle = await line.submit(SPEC);
    await stepped(first, randomInt(EVERY * 3, STEPS - EVERY));
    await first.stop();
    const second = await start();
    const { resumedFromStep } = await second.saw('Generating');
    const killedAt = lastStep(first.log);
    process.stdout.write(`killed after step ${killedAt}, resumed after step ${String(resumedFromStep)}\n`);
    expect(resumedFromStep).toBeGreaterThanOrEqual(Math.max(...storedSteps(first)));
    expect(resumedFromStep).toBeGreaterThan(0);
    const result = await finished(handle);
    expect(result.framesSha256).toBe(undisturbed);
    expect(result.resumedFromStep).toBe(resumedFromStep);
  });

  it('told to stop hands its job over at once, no step is done twice, and it ends inside its grace', async () => {
    const [first, second] = [await start({ SHUTDOWN_GRACE: '5', CHECKPOINT_STEPS: '1000' }), await start()];
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
    expect(at - asked).toBeLessThan(3_000);
    expect(ended - asked).toBeLessThan(5_000);
    expect(code).toBe(0);
    expect((await finished(handle)).framesSha256).toBe(undisturbed);
  });

  it('gives a job up that ended its worker three times in a row, and serves the next one', async () => {
    const handle = await line.submit({ ...SPEC, numInferenceSteps: 5_000 }, GENERATE_ONLY);
    for (let kills = 0; kills < 3; kills++) {
      const worker = await start();
      const { resumedFromStep, crashes } = await worker.saw('Generating');
      expect(crashes).toBe(kills);
      await stepped(worker, Number(resumedFromStep) + 10);
      await sleep(600);
      await worker.stop();
    }
    const worker = await start();
    expect(await codeOf(handle)).toBe('worker_lost');
    expect(worker.log.some(({ msg }) => msg === 'Step')).toBe(false);
    const next = await line.submit(SPEC);
    expect((await finished(next)).framesSha256).toBe(undisturbed);
  });

  it('that stood still leaves nothing behind of a video that another has finished meanwhile', async () => {
    const frozen = await start();
    const handle = await line.submit(SPEC);
    await stepped(frozen, 10);
    frozen.kill('SIGSTOP');
    await start();
    expect((await finished(handle)).framesSha256).toBe(undisturbed);
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
    expect((await finished(next)).framesSha256).toBe(undisturbed);
  });

  it('does not blame the model for a scratch store that fails, and finishes once it works', async () => {
    await start();
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
    expect((await finished(handle)).framesSha256).toBe(undisturbed);
  });

  it('makes the same video on two devices as on one', async () => {
    const worker = await start({ DEVICES: 'cpu,cpu' });
    const handle = await line.submit(SPEC);
    await worker.saw('Generating');
    expect(await worker.children()).toHaveLength(2);
    const result = await finished(handle);
    expect(result).toMatchObject({ framesSha256: undisturbed, device: 'cpu,cpu' });
    worker.kill('SIGTERM');
    expect(await worker.exited).toMatchObject({ code: 0 });
  });
});
