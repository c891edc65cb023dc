import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeviceProcess } from '../../../gpu-worker/mochi/inference/device-process.ts';
import { randn } from '../../../gpu-worker/mochi/noise.ts';
import { type Benchmark, THREADS } from '../benchmark.ts';
import { interleave } from '../interleave.ts';
import { mediumModel } from '../medium-model.ts';
import { Peer } from '../peer.ts';
import { sameResult } from '../same-result.ts';

const CHANNELS = 12;
/** 10 x 10 x 10 = 1,000 visual tokens. */
const SHAPE = { T: 10, h: 20, w: 20 };
const TOKENS = 64;
const TEXT_WIDTH = 512;
const TIMESTEP = 500;
const DEADLINE_MS = 300_000;

/** One pass of the transformer in float32. */
export const transformerForward: Benchmark = {
  id: 'transformer',
  title: 'Transformer, one forward pass: 6 layers of 8 x 64 heads, 1,000 visual and 64 text tokens',
  run: async ({ python, rounds, folder }) => {
    const dir = await mediumModel(python);
    const latents = await randn(1, CHANNELS * SHAPE.T * SHAPE.h * SHAPE.w);
    const text = await randn(2, TOKENS * TEXT_WIDTH);
    const file = (name: string) => join(folder, name);
    await writeFile(file('latents'), latents);
    await writeFile(file('text'), text);

    const device = new DeviceProcess('cpu');
    const peer = await Peer.start(python, 'transformer_forward', {
      model: dir,
      latents: file('latents'),
      shape: [CHANNELS, SHAPE.T, SHAPE.h, SHAPE.w],
      text: file('text'),
      tokens: TOKENS,
      timestep: TIMESTEP,
    });
    try {
      const load = { dir, device: 'cpu', computeType: 'float32', threads: THREADS, textEncoder: false } as const;
      await device.call('load', [load], DEADLINE_MS);
      await device.call('condition', ['text', text], DEADLINE_MS);
      const forward = () => device.call('velocity', ['text', latents, SHAPE, TIMESTEP], DEADLINE_MS);

      const { data } = await forward();
      await peer.run(file('velocity'));
      const same = await sameResult(data, file('velocity'));
      const measured = await interleave(rounds, {
        ours: async () => {
          const { startedAt, endedAt } = await forward();
          return (endedAt - startedAt) / 1000;
        },
        peer: () => peer.run(),
      });
      return {
        figures: [{ what: 'forward pass', unit: 's', ...measured, goal: 0.8 }],
        notes: [same, 'What depends on the text alone is computed once a video here, in every pass by diffusers.'],
      };
    } finally {
      await Promise.all([device.kill(), peer.stop()]);
    }
  },
};
