import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProfile } from '../../platform/model/model-profile.ts';
import { CostModel } from '../../contract/cost/cost-model.ts';
import { defaultSpec, jobClass } from '../../contract/cost/job-class.ts';
import { workOf, type WorkSpec } from '../../contract/cost/work.ts';
import { MOCHI_1_PROFILE } from '../../contract/model-profile.ts';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';

const { architecture } = MOCHI_1_PROFILE;
const usual = defaultSpec(MOCHI_1_PROFILE);
const timing = (deviceS: number, deviceKind = '2x GPU') => ({
  deviceKind,
  loadS: 0,
  denoiseS: deviceS * 0.9,
  decodeS: deviceS * 0.1,
  publishS: 10,
});

it("counts the work of the shipped model by the model's own configs", async () => {
  const config = async (part: string) =>
    JSON.parse(await readFile(join(MOCHI_TINY, part, 'config.json'), 'utf8')) as Record<string, number & number[]>;
  const transformer = await config('transformer');
  const vae = await config('vae');
  expect((await loadProfile(MOCHI_TINY)).architecture).toEqual({
    layers: transformer['num_layers'],
    width: transformer['num_attention_heads']! * transformer['attention_head_dim']!,
    vaeChannels: vae['decoder_block_out_channels'],
    vaeLayers: vae['layers_per_block'],
  });
});

it('knows that twice the steps are twice the work, and twice the frames more than that', () => {
  const { denoise } = workOf(usual, architecture);
  // 64 steps, two passes each, of 48 blocks over 44,520 tokens: about 1.65 PFLOP a pass.
  expect(denoise / 128).toBeGreaterThan(1600);
  expect(denoise / 128).toBeLessThan(1700);
  const work = (change: Partial<WorkSpec>) => workOf({ ...usual, ...change }, architecture).denoise / denoise;
  expect(work({ numInferenceSteps: 128 })).toBe(2);
  expect(work({ guidanceScale: 1 })).toBe(0.5);
  expect(work({ guidanceStart: 0.25, guidanceStop: 0.75 })).toBe(0.75);
  expect(work({ guidanceScale: 1, guidanceStop: 0.75 })).toBe(0.5);
  expect(work({ numFrames: 325 })).toBeGreaterThan(2.5);
});

describe('an estimate', () => {
  const model = () => new CostModel(architecture);
  const seconds = (cost: CostModel, spec = usual) => cost.estimate(spec, '2x GPU').deviceS;

  it('comes from what was measured, and is off by no more than jobs differ', () => {
    const cost = model();
    for (let i = 0; i < 20; i++) cost.learn({ spec: usual, timing: timing(1000 + (i % 5)) });
    expect(seconds(cost)).toBeCloseTo(1002, -1);
    expect(cost.estimate(usual, '2x GPU').publishS).toBeCloseTo(10);
  });

  it('is not moved by jobs that hung', () => {
    const cost = model();
    for (let i = 0; i < 20; i++) cost.learn({ spec: usual, timing: timing(i % 3 === 0 ? 90_000 : 1000) });
    expect(seconds(cost)).toBeCloseTo(1000, -1);
  });

  it('follows a device that has become slower within a few jobs', () => {
    const cost = model();
    for (let i = 0; i < 100; i++) cost.learn({ spec: usual, timing: timing(1000) });
    for (let i = 0; i < 9; i++) cost.learn({ spec: usual, timing: timing(2000) });
    expect(seconds(cost)).toBeCloseTo(2000, -1);
  });

  it('carries over to sizes that were never made, and prefers what was learnt from jobs alike', () => {
    const cost = model();
    const clip = { ...usual, numFrames: 31 };
    cost.learn({ spec: usual, timing: timing(1000) });
    expect(seconds(cost, clip)).toBeLessThan(150);
    for (let i = 0; i < 9; i++) cost.learn({ spec: clip, timing: timing(60) });
    for (let i = 0; i < 9; i++) cost.learn({ spec: usual, timing: timing(1000) });
    expect(seconds(cost, clip)).toBeCloseTo(60, 0);
    expect(seconds(cost)).toBeCloseTo(1000, -1);
  });

  it('keeps kinds of devices apart', () => {
    const cost = model();
    for (let i = 0; i < 9; i++) cost.learn({ spec: usual, timing: timing(1000) });
    expect(cost.estimate(usual, '1x GPU').deviceS).toBe(model().estimate(usual, '1x GPU').deviceS);
    expect(cost.isCalibrated('1x GPU')).toBe(false);
    expect(cost.latestKind).toBe('2x GPU');
  });
});

it('a video is long from twice the work of the default one', () => {
  expect(jobClass(usual, MOCHI_1_PROFILE)).toBe('short');
  expect(jobClass({ ...usual, numInferenceSteps: 100 }, MOCHI_1_PROFILE)).toBe('short');
  expect(jobClass({ ...usual, numInferenceSteps: 130 }, MOCHI_1_PROFILE)).toBe('long');
});
