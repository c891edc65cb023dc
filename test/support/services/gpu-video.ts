import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { errorOf } from '../../../temporal/error-of.ts';
import type { VideoSpec } from '../../../contract/video-job.ts';
import type { GenerateResult } from '../../../contract/results.ts';
import type { GpuHarness } from '../../../tools/harness/services/gpu-harness.ts';
import type { LogLine, WorkerProcess } from '../../../tools/harness/services/worker-process.ts';

/** Steps of some 10 ms: enough of them to hit one, and a second or two of decoding. */
export const SPEC: VideoSpec = {
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
export const STEPS = SPEC.numInferenceSteps;
/** Steps between two checkpoints. */
export const EVERY = 5;

/** Starts a GPU worker that has little to lose. */
export const startWorker = (line: GpuHarness, env: Record<string, string> = {}): Promise<WorkerProcess> =>
  line.worker({ CHECKPOINT_STEPS: String(EVERY), ...env });

/** Waits until a worker has finished that many steps; returns the line that says so. */
export const stepped = (worker: WorkerProcess, step: number, from = 0): Promise<LogLine> =>
  worker.saw('Step', { matches: (entry) => Number(entry['step']) >= step, from });

/** The last step of a log. */
export const lastStep = (log: LogLine[]): number => Number(log.findLast(({ msg }) => msg === 'Step')?.['step'] ?? 0);

/** What `generate` answered, after checking that the file holds what the answer says. */
export async function finished(line: GpuHarness, handle: WorkflowHandle): Promise<GenerateResult> {
  await handle.result();
  const result = line.results.get(handle.workflowId)!;
  expect(await line.framesOf(handle.workflowId)).toBe(result.framesSha256);
  return result;
}

/** How a job ended: a code of the error table, or `completed`. */
export async function codeOf(handle: WorkflowHandle): Promise<string> {
  return handle.result().then(
    () => 'completed',
    (error: unknown) => errorOf(error).code,
  );
}
