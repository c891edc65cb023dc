/**
 * One step of the GPU benchmark in a process of its own: `step-process.js STEP SETTINGS`, started by run-step.ts, which
 * gets the figures as messages and may kill this process, and all that it has started, at any moment.
 */
import { Worker } from 'node:worker_threads';
import { workloadOf } from './measure/workload.ts';
import type { Figure } from './measure/step.ts';
import type { StepSettings } from './run-step.ts';
import { STEPS } from './steps/index.ts';

const [, , id, text] = process.argv as [string, string, string, string];
const { devices, ...settings } = JSON.parse(text) as StepSettings;

// It blocks its thread while it computes, and must not outlive the command all the same.
new Worker(new URL('../../../gpu-worker/inference/parent-watch.js', import.meta.url), { workerData: process.ppid })
  .on('error', () => {})
  .unref();

const report = (figure: Figure) =>
  new Promise<void>((resolve) => {
    process.send!(figure, undefined, undefined, () => resolve());
  });
try {
  await STEPS.find((step) => step.id === id)!.run({ ...settings, workload: workloadOf(devices), report });
  process.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.startsWith('Error: ') ? '' : 'Error: '}${message}\n`);
  process.exit(1);
}
