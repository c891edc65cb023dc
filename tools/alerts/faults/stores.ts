import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../harness/fault.ts';
import type { Plant } from '../harness/harness.ts';

const disk = ({ stack }: Plant) => stack.disks.get('cpu-worker-1');

/** Stores that are not reached, and disks that fill. */
export const STORE_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraApiErrors',
    what: 'the API does not reach the store, and people want to see a video',
    begin: async (plant) => {
      const id = await plant.createTiny();
      await plant.finished(id);
      const end = plant.link('api', 's3', 'cut');
      const content = `${plant.stack.apiUrl}/v1/videos/${id}/content`;
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
    begin: async (plant) => {
      const end = plant.link('cpu-worker', 's3', 'cut');
      const removed = Promise.all(plant.learntFrom.map((id) => plant.remove(id)));
      return async () => {
        end();
        await removed;
      };
    },
  },
  {
    alert: 'KinoraCheckpointsFail',
    what: 'the GPU worker does not reach the store in the middle of a job',
    begin: async (plant) => {
      await plant.until(await plant.createLong(), 'denoising');
      return plant.link('gpu-worker', 's3', 'cut');
    },
  },
  {
    alert: 'KinoraDiskFilling',
    what: "the CPU worker's disk fills, to nine tenths in a quarter of a minute",
    // It has to last for half an hour.
    pace: { hours: 600, minutes: 300, seconds: 60 },
    begin: async (plant) => {
      if (!disk(plant)) return null;
      for (let share = 0.6; share < 0.9; share += 0.02) {
        await disk(plant)!.fill(share);
        await sleep(1_000);
      }
      return () => disk(plant)!.empty();
    },
  },
  {
    alert: 'KinoraDiskFull',
    what: "the CPU worker's disk is full",
    begin: async (plant) => {
      if (!disk(plant)) return null;
      await disk(plant)!.fill();
      return () => disk(plant)!.empty();
    },
  },
];
