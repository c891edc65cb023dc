import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import type { Fault } from '../harness/fault.ts';
import type { AlertHarness } from '../harness/harness.ts';
import { frozen, stuttering } from '../harness/signals.ts';

async function limitQueue({ stack }: AlertHarness, ...change: string[]): Promise<void> {
  const config = ['task-queue', 'config', 'set', '--task-queue', 'gpu', '--task-queue-type', 'activity'];
  await promisify(execFile)(await findTemporalCli(), [...config, ...change, '--address', stack.temporalAddress]);
}

/** Processes that do not run, or not on. */
export const PROCESS_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraNoGpuWorker',
    what: 'the GPU worker is frozen',
    begin: async (harness) => frozen(await harness.pid('gpu-worker')),
  },
  {
    alert: 'KinoraNoCpuWorker',
    what: 'the CPU worker is frozen',
    begin: async (harness) => frozen(await harness.pid('cpu-worker')),
  },
  { alert: 'KinoraApiDown', what: 'the API is frozen', begin: async (harness) => frozen(await harness.pid('api')) },
  {
    alert: 'KinoraEventLoopBlocked',
    what: 'the CPU worker gets the CPU for a moment every two seconds',
    // It answers late, but it does.
    every: 5,
    begin: async (harness) => stuttering([await harness.pid('cpu-worker')], { stopMs: 1_700, runMs: 300 }),
  },
  {
    alert: 'KinoraQueueNotMoving',
    what: 'the queue is paused, and a job comes',
    begin: async (harness) => {
      await limitQueue(harness, '--queue-rps-limit', '0', '--queue-rps-limit-reason', 'check:alerts');
      await harness.createLong();
      return () => limitQueue(harness, '--queue-rps-limit', 'default');
    },
  },
  {
    alert: 'KinoraJobStuck',
    what: 'the inference process is frozen in the middle of a job',
    begin: async (harness) => {
      await harness.until(await harness.createLong(), 'denoising');
      return frozen(...(await harness.inference()));
    },
  },
];
