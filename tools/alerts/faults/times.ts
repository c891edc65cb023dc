import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../harness/fault.ts';
import { AN_HOUR_IN_SIX_SECONDS } from '../harness/hurried.ts';
import type { AlertHarness } from '../harness/harness.ts';
import { frozen } from '../harness/signals.ts';

/** Tiny videos, one after the other, each of which finds the device hanging for a while. */
async function hesitating(harness: AlertHarness, forMs: number, videos: number): Promise<() => void> {
  for (let i = 0; i < videos; i++) {
    const goOn = frozen(...(await harness.inference()));
    const id = await harness.createTiny();
    await sleep(forMs);
    goOn();
    await harness.finished(id);
  }
  return () => {};
}

/** What takes longer than was promised, or than was foretold. */
export const TIME_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraQueueSlow',
    what: 'a short video waits behind one that takes minutes',
    begin: async (harness) => {
      await harness.until(await harness.createLong(), 'denoising');
      await harness.createTiny();
      return () => {};
    },
  },
  {
    alert: 'KinoraVideosSlow',
    what: 'every message between the CPU worker and the store takes 0.15 s',
    pace: { hours: 60, minutes: 120, seconds: 150 },
    begin: async (harness) => {
      const end = harness.link('cpu-worker', 's3', 'slow', 150);
      for (let i = 0; i < 2; i++) await harness.finished(await harness.createTiny());
      return end;
    },
  },
  {
    alert: 'KinoraJobOverdue',
    what: 'the link between the CPU worker and the store stalls',
    begin: async (harness) => {
      const end = harness.link('cpu-worker', 's3', 'stalled');
      await harness.createTiny();
      return end;
    },
  },
  {
    alert: 'KinoraGpuTimeWasted',
    what: 'a job is cancelled when much of it is done',
    pace: AN_HOUR_IN_SIX_SECONDS,
    begin: async (harness) => {
      const id = await harness.createLong();
      await harness.until(id, 'denoising');
      await sleep(8_000);
      await harness.quiet();
      return () => {};
    },
  },
  // What is learnt from these is foretold of the next ones; the median of nine believes it after five.
  {
    alert: 'KinoraEstimatesWrong',
    what: 'the device hangs for six seconds with each of five videos',
    pace: { hours: 30, minutes: 30, seconds: 60 },
    begin: (harness) => hesitating(harness, 6_000, 5),
  },
  {
    alert: 'KinoraEstimatesDrift',
    what: 'the device hangs for three seconds with every video',
    pace: AN_HOUR_IN_SIX_SECONDS,
    begin: (harness) => hesitating(harness, 3_000, 2),
  },
];
