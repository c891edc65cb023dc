import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packCheckpoint } from '../../../gpu-worker/checkpoints/checkpoint.ts';
import { sealOf } from '../../../gpu-worker/checkpoints/seal.ts';
import { gpuWorkerEnv } from '../../../gpu-worker/config.ts';
import { randn } from '../../../gpu-worker/inference/noise.ts';
import { keys } from '../../../storage/keys.ts';
import { openStore } from '../../../storage/open.ts';
import type { Benchmark } from '../measure/benchmark.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

/** 163 frames of 848 x 480. */
const SHAPE = { channels: 12, T: 28, h: 60, w: 106 };

/** What keeping the work safe costs. */
export const checkpointOverhead: Benchmark = {
  id: 'checkpoint',
  title: 'A checkpoint of 163 frames of 848 x 480, packed, checksummed and stored in a folder',
  run: async ({ rounds, folder }) => {
    const interval = gpuWorkerEnv.shape.CHECKPOINT_SECONDS.parse(undefined);
    const { channels, T, h, w } = SHAPE;
    const latents = await randn(1, channels * T * h * w);
    const store = await openStore(pathToFileURL(join(folder, 'scratch')).href);
    const { signal } = new AbortController();
    const shares: number[] = [];
    for (let step = 0; step <= rounds; step++) {
      const begin = performance.now();
      const bytes = await packCheckpoint({ step, latents, seconds: 0 }, 1, {
        config: 'bench',
        seal: sealOf([], 'bench'),
      });
      await store.put(keys.checkpoint('bench', step), bytes, { contentType: 'application/octet-stream', signal });
      // The first pays for what is loaded and compiled once.
      if (step > 0) shares.push((100 * (performance.now() - begin)) / 1000 / interval);
    }
    return {
      figures: [
        { what: `checkpoint, share of the ${interval} s between two`, unit: '%', ours: spreadOf(shares), goal: 1 },
      ],
      notes: [
        'An upper bound: the device goes on with its next step meanwhile, since the worker’s own process does this.',
      ],
    };
  },
};
