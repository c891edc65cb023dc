import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, type VaeConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { Devices } from '../../../../gpu-worker/inference/devices.ts';
import { randn } from '../../../../gpu-worker/inference/noise.ts';
import { decodeFrames, decodeValues } from '../../../../gpu-worker/families/mochi/vae/decode.ts';
import { MOCHI_FIXTURE } from '../../../../tools/harness/model/mochi-fixture.ts';
import { INFERENCE_ENTRY } from '../../../../gpu-worker/families/mochi/mochi.ts';

const tiling = {
  tileSampleMinHeight: 32,
  tileSampleMinWidth: 24,
  tileSampleStrideHeight: 24,
  tileSampleStrideWidth: 16,
};
const shape = { T: 4, h: 5, w: 4 };

let config: VaeConfig;
let one: Devices;
let pair: Devices;
let latents: Float32Array;

beforeAll(async () => {
  ({ vae: config } = await readConfig(MOCHI_FIXTURE));
  one = new Devices(MOCHI_FIXTURE, INFERENCE_ENTRY, { devices: ['cpu'], threads: 2 });
  pair = new Devices(MOCHI_FIXTURE, INFERENCE_ENTRY, { devices: ['cpu', 'cpu'], threads: 1 });
  await Promise.all([one.start(), pair.start()]);
  latents = await randn(5, config.latent_channels * shape.T * shape.h * shape.w);
});
afterAll(() => Promise.all([one?.stop(), pair?.stop()]));

interface Variant {
  devices: Devices;
  tiled: boolean;
  decodeChunk: number;
}

async function decode({ devices, tiled, decodeChunk }: Variant): Promise<Float32Array> {
  const all: number[] = [];
  const args = { latents, shape, tiling: tiled ? tiling : null, decodeChunk };
  for await (const { values, frames, first, width, height } of decodeValues(devices, config, args)) {
    expect(values.length).toBe(frames * 3 * width * height);
    expect(all.length).toBe(first * 3 * width * height);
    for (const value of values) all.push(value);
  }
  expect(all.length).toBe(19 * 3 * 40 * 32);
  return Float32Array.from(all);
}

const sameBits = (a: Float32Array, b: Float32Array) =>
  Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)) === 0;

describe.each([
  ['whole frames', false],
  ['tiles', true],
])('decoding %s', (_, tiled) => {
  it('gives the same bits a few latent frames at a time as all at once, on one device and on two', async () => {
    const atOnce = await decode({ devices: one, tiled, decodeChunk: shape.T });
    for (const decodeChunk of [1, 2, 3]) {
      expect(sameBits(await decode({ devices: one, tiled, decodeChunk }), atOnce)).toBe(true);
    }
    expect(sameBits(await decode({ devices: pair, tiled, decodeChunk: 1 }), atOnce)).toBe(true);
    expect(sameBits(await decode({ devices: pair, tiled, decodeChunk: 3 }), atOnce)).toBe(true);
  });
});

it('a longer clip begins with the bits of a shorter one', async () => {
  const short = { ...shape, T: 2 };
  const frame = shape.h * shape.w;
  const begin = Array.from({ length: config.latent_channels }, (_, channel) => {
    const from = channel * shape.T * frame;
    return [...latents.subarray(from, from + short.T * frame)];
  });
  const args = { latents: Float32Array.from(begin.flat()), shape: short, tiling: null, decodeChunk: 2 };
  const chunks: number[] = [];
  for await (const { values } of decodeValues(one, config, args)) chunks.push(...values);
  const whole = await decode({ devices: one, tiled: false, decodeChunk: 3 });
  expect(chunks.length).toBe(7 * 3 * 40 * 32);
  expect(sameBits(Float32Array.from(chunks), whole.slice(0, chunks.length))).toBe(true);
});

it('tiles change the picture by more than rounding, so that the two are not mistaken for one another', async () => {
  const whole = await decode({ devices: one, tiled: false, decodeChunk: 2 });
  expect(sameBits(await decode({ devices: one, tiled: true, decodeChunk: 2 }), whole)).toBe(false);
});

describe('decoding a long clip', () => {
  const args = (T: number, size: number) => {
    const long = { T, h: size, w: size };
    const values = Float32Array.from({ length: config.latent_channels * T * size * size }, (_, i) => Math.sin(i));
    return { latents: values, shape: long, tiling: null, decodeChunk: 1 };
  };

  it('needs no more memory than a short one', async () => {
    const devices = new Devices(MOCHI_FIXTURE, INFERENCE_ENTRY, { devices: ['cpu'], threads: 2 });
    await devices.start();
    try {
      const peakAfter = async (T: number) => {
        for await (const chunk of decodeFrames(devices, config, args(T, 8))) expect(chunk.width).toBe(64);
        return devices.call(0, 'peakMemoryMb');
      };
      const short = await peakAfter(5);
      const long = await peakAfter(24);
      process.stdout.write(`peak of the inference process: ${short} MiB for 25 frames, ${long} MiB for 139\n`);
      // at once it would be 70 MiB for every activation of 139 frames
      expect(long - short).toBeLessThan(32);
    } finally {
      await devices.stop();
    }
  });

  it('hands out the first frames before the last are decoded, and tells how far it is', async () => {
    const progress: [number, number][] = [];
    const onProgress = (p: { phase: string; frames?: number; totalFrames?: number }) =>
      progress.push([p.frames!, p.totalFrames!]);
    const frames = decodeFrames(one, config, { ...args(4, 4), onProgress });
    const { value: first } = await frames.next();
    expect(first).toMatchObject({ frames: 1, first: 0, width: 32, height: 32 });
    expect(progress).toEqual([[1, 19]]);
    const rest = [];
    for await (const chunk of frames) rest.push([chunk.first, chunk.frames, chunk.data.length]);
    const size = 32 * 32 * 3;
    expect(rest).toEqual([
      [1, 6, 6 * size],
      [7, 6, 6 * size],
      [13, 6, 6 * size],
    ]);
    expect(progress.at(-1)).toEqual([19, 19]);
  });

  it('stops between two chunks when it is aborted, and the devices can decode again', async () => {
    const abort = new AbortController();
    const whole = await decode({ devices: one, tiled: true, decodeChunk: 2 });
    const frames = decodeFrames(one, config, { ...args(9, 6), tiling, signal: abort.signal });
    await frames.next();
    abort.abort(new Error('stop now'));
    await expect(frames.next()).rejects.toThrow('stop now');
    expect(sameBits(await decode({ devices: one, tiled: true, decodeChunk: 2 }), whole)).toBe(true);
  });

  it('that is not read to its end leaves nothing behind', async () => {
    for await (const { first } of decodeFrames(one, config, args(9, 4))) if (first > 0) break;
    const again = one.call(0, 'decodeTile', 0, new Float32Array(config.latent_channels), { T: 1, h: 1, w: 1 }, false);
    await expect(again).rejects.toThrow('tile 0 has no earlier frames');
  });
});
