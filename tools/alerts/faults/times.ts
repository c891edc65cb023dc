import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../harness/fault.ts';
import { AN_HOUR_IN_SIX_SECONDS } from '../harness/hurried.ts';
import type { Plant } from '../harness/harness.ts';
import { frozen } from '../harness/signals.ts';

/** Tiny videos, one after the other, each of which finds the device hanging for a while. */
async function hesitating(plant: Plant, forMs: number, videos: number): Promise<() => void> {
  for (let i = 0; i < videos; i++) {
    const goOn = frozen(...(await plant.inference()));
    const id = await plant.createTiny();
    await sleep(forMs);
    goOn();
    await plant.finished(id);
  }
  return () => {};
}

/** What takes longer than was promised, or than was foretold. */
export const TIME_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraQueueSlow',
    what: 'a short video waits behind one that takes minutes',
    begin: async (plant) => {
      await plant.until(await plant.createLong(), 'denoising');
      await plant.createTiny();
      return () => {};
    },
  },
  {
    alert: 'KinoraVideosSlow',
    what: 'every message between the CPU worker and the store takes 0.15 s',
    pace: { hours: 60, minutes: 120, seconds: 150 },
    begin: async (plant) => {
      const end = plant.link('cpu-worker', 's3', 'slow', 150);
      for (let i = 0; i < 2; i++) await plant.finished(await plant.createTiny());
      return end;
    },
  },
  {
    alert: 'KinoraJobOverdue',
    what: 'the link between the CPU worker and the store stalls',
    begin: async (plant) => {
      const end = plant.link('cpu-worker', 's3', 'stalled');
      await plant.createTiny();
      return end;
    },
  },
  {
    alert: 'KinoraGpuTimeWasted',
    what: 'a job is cancelled when much of it is done',
    pace: AN_HOUR_IN_SIX_SECONDS,
    begin: async (plant) => {
      const id = await plant.createLong();
      await plant.until(id, 'denoising');
      await sleep(8_000);
      await plant.quiet();
      return () => {};
    },
  },
  // What is learnt from these is foretold of the next ones; the median of nine believes it after five.
  {
    alert: 'KinoraEstimatesWrong',
    what: 'the device hangs for six seconds with each of five videos',
    pace: { hours: 30, minutes: 30, seconds: 60 },
    begin: (plant) => hesitating(plant, 6_000, 5),
  },
  {
    alert: 'KinoraEstimatesDrift',
    what: 'the device hangs for three seconds with every video',
    pace: AN_HOUR_IN_SIX_SECONDS,
    begin: (plant) => hesitating(plant, 3_000, 2),
  },
];
