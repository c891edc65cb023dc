import { writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import { cpuWorkerEnv } from '../../activities/config.ts';
import { pendingActivity } from '../../api/jobs/job-state.ts';
import { keys } from '../../storage/keys.ts';
import { readConfig } from '../../platform/config/config.ts';
import type { ExportInput } from '../../contract/exports.ts';
import { EXPORT_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import type { GenerateResult, StoredFile } from '../../contract/results.ts';
import { type ActivityBench, openActivityBench } from '../support/services/activity-bench.ts';
import { generateClip, jobOf } from '../../tools/harness/model/clips.ts';
import { CpuHarness } from '../support/services/cpu-harness.ts';
import { RANDOM_MODEL } from '../../tools/harness/model/model-folder.ts';
import { holdsVideo, workFiles } from '../support/model/work-files.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';
import { until } from '../../tools/harness/patience.ts';

/** The fixture has no profile, so it counts as Mochi 1. */
const MOCHI_1 = { model: 'mochi-1-preview', width: 848, height: 480, fps: 30 };

let line: CpuHarness;
let bench: ActivityBench;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  [line, bench] = await Promise.all([CpuHarness.start(), openActivityBench()]);
  await line.startGpuWorker();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await line?.stop();
  await bench?.close();
});

function startWorker(): WorkerProcess {
  const worker = new WorkerProcess('activities/worker.js', {
    TEMPORAL_ADDRESS: line.server.address,
    SCRATCH_URL: line.scratch.url,
    ARTEFACTS_URL: line.artefacts.url,
    MODEL_DIR: RANDOM_MODEL,
    TEMP_DIR: join(line.folder, 'temp'),
    SHUTDOWN_GRACE: '0.1',
  });
  workers.push(worker);
  return worker;
}

async function isAtWork(handle: WorkflowHandle, activity: string): Promise<boolean> {
  const pending = await pendingActivity(await handle.describe(), line.client.options.loadedDataConverter);
  return pending?.type === activity && pending.started;
}

/** Resolves once a worker is in the middle of the activity: both write or read a local `video.mp4`. */
async function inTheMiddleOf(handle: WorkflowHandle, activity: string): Promise<void> {
  while (!((await isAtWork(handle, activity)) && holdsVideo(await filesAtWork()))) await sleep(10);
}

const filesAtWork = () => workFiles(join(line.folder, 'temp'));

describe('a CPU worker that is stopped or killed', () => {
  it('in encode, and again in upload, costs nothing: the next one makes the same video, byte for byte', async () => {
    // Long enough for both activities to be hit.
    const job = jobOf('video_killed', { ...MOCHI_1, numFrames: 31 });
    let generated: GenerateResult | undefined;
    line.generate = async (input) => (generated = await generateClip(line.scratch, input));
    const handle = await line.submit(job);

    const stopped = startWorker();
    await inTheMiddleOf(handle, 'encode');
    stopped.kill('SIGTERM');
    expect(await stopped.exited).toMatchObject({ code: 0 });
    expect(await filesAtWork()).toEqual([]);

    for (const activity of ['encode', 'upload']) {
      const worker = startWorker();
      await inTheMiddleOf(handle, activity);
      worker.kill('SIGKILL');
      await worker.exited;
      expect(await filesAtWork()).not.toEqual([]);
    }
    const last = startWorker();
    const { artefacts } = await handle.result();

    await generateClip(bench.scratch, job);
    const undisturbed = await bench.run('encode', job, generated!);
    expect(artefacts).toEqual(undisturbed);
    expect(await line.filesOf(job.videoId)).toMatchObject({ scratch: [] });
    expect(await filesAtWork()).toEqual([]);

    last.kill('SIGTERM');
    expect(await last.exited).toMatchObject({ code: 0 });
  });
});

describe('a CPU worker that is stopped or killed in the middle of an export', () => {
  it('does not lose it: the next one makes the same file', async () => {
    const job = jobOf('video_exported', { ...MOCHI_1, numFrames: 25 });
    line.generate = (input) => generateClip(line.scratch, input);
    const handle = await line.submit(job);
    const started = [startWorker()];
    const { artefacts } = await handle.result();
    const input: ExportInput = { videoId: job.videoId, variant: 'webm', video: artefacts.video, numFrames: 25 };
    const begin = (workflowId: string) =>
      line.client.workflow.start<(input: ExportInput) => Promise<StoredFile>>(EXPORT_VIDEO, {
        taskQueue: TASK_QUEUES.cpu,
        workflowId,
        args: [input],
      });
    const disturbed = await begin('export-disturbed');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await inTheMiddleOf(disturbed, 'makeExport');
      started.at(-1)!.kill(signal);
      await started.at(-1)!.exited;
      started.push(startWorker());
    }
    const made = await disturbed.result();
    expect(made).toEqual(await (await begin('export-undisturbed')).result());
    expect((await line.filesOf(job.videoId)).artefacts).toContain('export.webm');
    expect(await filesAtWork()).toEqual([]);
    started.at(-1)!.kill('SIGTERM');
    expect(await started.at(-1)!.exited).toMatchObject({ code: 0 });
  });
});

describe('a CPU worker that is killed while it deletes the scratch files', () => {
  it('keeps no client waiting for minutes for a video that is published', async () => {
    const job = jobOf('video_tidied', { ...MOCHI_1, numFrames: 7 });
    line.generate = (input) => generateClip(line.scratch, input);
    // Enough that deleting them takes long enough to be hit.
    const folder = line.pathOf(line.scratch, join(keys.prefix(job.videoId), 'more'));
    await mkdir(folder, { recursive: true });
    const many = 40_000;
    for (let n = 0; n < many; n++) writeFileSync(join(folder, String(n)), '');
    const handle = await line.submit(job);

    const killed = startWorker();
    while ((await readdir(folder)).length === many) await sleep(5);
    killed.kill('SIGKILL');
    await killed.exited;
    expect(await readdir(folder)).not.toEqual([]);

    startWorker();
    await handle.result();
    const { events } = await handle.fetchHistory();
    expect(events!.some(({ workflowTaskTimedOutEventAttributes: gaveUp }) => gaveUp)).toBe(true);
    // What it did not get to is deleted all the same, while the video can be seen already.
    await until(async () => (await line.filesOf(job.videoId)).scratch.length === 0);
  });
});

describe('the settings of the CPU worker', () => {
  it('are refused where a finished video would delete itself with its scratch files', () => {
    const url = 'file:///data';
    const env = { SCRATCH_URL: url, ARTEFACTS_URL: url, MODEL_DIR: RANDOM_MODEL };
    expect(() => readConfig(cpuWorkerEnv, env)).toThrow('SCRATCH_URL=file:///data: must differ from ARTEFACTS_URL');
    expect(readConfig(cpuWorkerEnv, { ...env, ENCODERS: '', SCRATCH_URL: 'file:///scratch' })).toMatchObject({
      CPU_CONCURRENCY: 8,
      SHUTDOWN_GRACE: 20,
    });
  });
});
