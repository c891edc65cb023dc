import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCosts } from '../../../tools/cuda/device-memory.ts';
import { graphCost } from '../../../tools/cuda/graph-cost.ts';
import { MOCHI_1 } from '../../../tools/cuda/mochi-1.ts';
import { writeStandInModel } from '../../../tools/cuda/stand-in-model.ts';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { Devices } from '../../../gpu-worker/inference/devices.ts';
import { ModelGraphs } from '../../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { GraphBuilder } from '../../../gpu-worker/inference/onnx/graph-builder.ts';
import { findWeights } from '../../../gpu-worker/weights/weights.ts';
import { SMALL_MOCHI } from '../../../tools/harness/model/small-mochi.ts';
import { INFERENCE_ENTRY } from '../../../gpu-worker/families/mochi/mochi.ts';

const noWeights = {
  get: () => {
    throw new Error('no weights');
  },
};

describe('the memory and the work that a run is said to take', () => {
  it('count what is held at one moment, views once, and nothing that was made of weights at load', () => {
    const b = new GraphBuilder(noWeights, 'float32');
    const x = b.input('x', [4, 'n']); // 4 x 10 floats: 160 bytes
    const folded = b.op('Add', [b.constant([1]), b.constant([2])]);
    const product = b.op('Gemm', [x, b.op('Transpose', [x], { perm: [1, 0] })]); // 160, then 64
    const wide = b.op('Concat', [product, product], { axis: 1 }); // 128
    const seen = b.op('Reshape', [wide, b.constant([-1], 'int64')]);
    b.output('y', b.op('Mul', [seen, folded]), [32]); // 128
    const cost = graphCost(b.build('hand'), { x: { dims: [4, 10] } });
    expect(cost.operations).toBe(2 * 4 * 4 * 10);
    expect(cost.outputs).toEqual({ y: [32] });
    expect(cost.peakBytes).toBe(160 + 128 + 128);
    expect(cost.peakAt).toBe('Mul');
  });

  it('are refused, not guessed, for an operator or an input that is not known', () => {
    const b = new GraphBuilder(noWeights, 'float32');
    b.output('y', b.op('Det', [b.input('x', [3, 3])]), [1]);
    expect(() => graphCost(b.build('det'), { x: { dims: [3, 3] } })).toThrow(/operator Det/);
    expect(() => graphCost(b.build('det'), {})).toThrow(/input x/);
  });
});

describe('stand-in weights', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kinora-stand-in-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('have the shapes of the real Mochi 1 and take no space, and a pass of it is the work that its sizes say', async () => {
    const model = join(dir, 'real');
    await writeStandInModel(model, MOCHI_1, 'none');
    const { size, blocks } = await stat(join(model, 'transformer/diffusion_pytorch_model.safetensors'));
    expect(size / 2 / 1e9).toBeCloseTo(10.03, 1);
    expect(blocks * 512).toBeLessThan(1e6);

    const config = await readConfig(model);
    const options = { device: 'cuda:0', computeType: 'bfloat16' } as const;
    const graphs = new ModelGraphs(config, options, (component) => findWeights(model, component, 'bfloat16'));
    const costs = await runCosts(config, graphs, { width: 848, height: 480, numFrames: 163 });
    const [N, S, D, C, F, Fc] = [44_520, 256, 3072, 1536, 8192, 4096];
    const visual = 2 * N * (4 * D * D + 3 * D * F);
    const text = 2 * S * (4 * C * D + 3 * C * Fc);
    const attention = 4 * (N + S) ** 2 * D;
    expect(costs.transformer.operations / (48 * (visual + text + attention))).toBeCloseTo(1, 2);
    expect(costs.transformer.outputs['velocity']).toEqual([12, 28, 30, 2, 53, 2]);
    expect(costs.vae.outputs['frames']).toEqual([24, 3, 256, 256]);
    expect(costs.textEncoder.outputs['text']).toEqual([256, 4096]);
    // Both halves of the widest layer, and what they are made of.
    expect(costs.transformer.peakBytes).toBeGreaterThan(4 * N * F * 2);
  });

  it('filled with deviates are a model that computes finite numbers, in windows on one short stretch of bytes', async () => {
    const model = join(dir, 'small');
    await writeStandInModel(model, SMALL_MOCHI, { random: 0.05 });
    const devices = new Devices(model, INFERENCE_ENTRY, { devices: ['cpu'], threads: 1 });
    try {
      await devices.start();
      const text = await devices.call(0, 'encodeText', [5, 6, 1]);
      await devices.call(0, 'condition', 'cond', text);
      const latents = Float32Array.from({ length: 12 * 2 * 4 * 4 }, (_, i) => Math.sin(i));
      const { data } = await devices.call(0, 'velocity', 'cond', latents, { T: 2, h: 4, w: 4 }, 500);
      expect(data).toHaveLength(latents.length);
      expect(data.every(Number.isFinite)).toBe(true);
      expect(new Set(data).size).toBeGreaterThan(100);
    } finally {
      await devices.stop();
    }
  });
});
