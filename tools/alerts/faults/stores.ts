import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../harness/fault.ts';
import type { AlertHarness } from '../harness/harness.ts';

const disk = ({ stack }: AlertHarness) => stack.disks.get('cpu-worker-1');

/** Stores that are not reached, and disks that fill. */
export const STORE_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraApiErrors',
    what: 'the API does not reach the store, and people want to see a video',
    begin: async (harness) => {
      const id = await harness.createTiny();
      await harness.finished(id);
      const end = harness.link('api', 's3', 'cut');
      const content = `${harness.stack.apiUrl}/v1/videos/${id}/content`;
      const timer = setInterval(() => void fetch(content).then((r) => r.body?.cancel(), () => {}), 200); // prettier-ignore
      return () => {
        clearInterval(timer);
        end();
      };
    },
  },
  {
    alert: 'KinoraRetryStorm',
    what: 'the CPU worker does not reach the store, and a dozen finished videos are deleted',
    begin: async (harness) => {
      const end = harness.link('cpu-worker', 's3', 'cut');
      const removed = Promise.all(harness.learntFrom.map((id) => harness.remove(id)));
      return async () => {
        end();
        await removed;
      };
    },
  },
  {
    alert: 'KinoraCheckpointsFail',
    what: 'the GPU worker does not reach the store in the middle of a job',
    begin: async (harness) => {
      await harness.until(await harness.createLong(), 'denoising');
      return harness.link('gpu-worker', 's3', 'cut');
    },
  },
  {
    alert: 'KinoraDiskFilling',
    what: "the CPU worker's disk fills, to nine tenths in a quarter of a minute",
    // It has to last for half an hour.
    pace: { hours: 600, minutes: 300, seconds: 60 },
    begin: async (harness) => {
      if (!disk(harness)) return null;
      for (let share = 0.6; share < 0.9; share += 0.02) {
        await disk(harness)!.fill(share);
        await sleep(1_000);
      }
      return () => disk(harness)!.empty();
    },
  },
  {
    alert: 'KinoraDiskFull',
    what: "the CPU worker's disk is full",
    begin: async (harness) => {
      if (!disk(harness)) return null;
      await disk(harness)!.fill();
      return () => disk(harness)!.empty();
    },
  },
];
