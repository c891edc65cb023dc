import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gpuWorkerEnv } from '../../gpu-worker/config.ts';
import { modelIdentity } from '../../gpu-worker/device/model-identity.ts';
import { TimeLeft } from '../../gpu-worker/generate/time-left.ts';
import { readConfig } from '../../platform/config/config.ts';
import { RANDOM_MODEL, copyOfRandomModel } from '../../tools/harness/model/model-folder.ts';

describe('settings of the GPU worker', () => {
  const env = { MODEL_DIR: '/models/mochi', SCRATCH_URL: 'file:///scratch' };

  it('need no more than a model and a scratch store', () => {
    expect(readConfig(gpuWorkerEnv, { ...env, CHECKPOINT_STEPS: '' })).toMatchObject({
      DEVICES: ['cpu'],
      CHECKPOINT_SECONDS: 30,
      SHUTDOWN_GRACE: 20,
    });
    expect(readConfig(gpuWorkerEnv, { ...env, DEVICES: 'cuda:0,cuda:1' }).DEVICES).toEqual(['cuda:0', 'cuda:1']);
  });

  it.each([
    ['DEVICES', 'gpu', /DEVICES=gpu: must name one or two devices/],
    ['DEVICES', 'cuda:0,cuda:1,cuda:2', /must name one or two devices/],
    ['CHECKPOINT_STEPS', '0', /CHECKPOINT_STEPS=0/],
    ['STEP_DEADLINE', 'soon', /STEP_DEADLINE=soon/],
    ['MODEL_DIR', '', /MODEL_DIR is not set/],
  ])('that cannot be used are named: %s=%s', (name, value, message) => {
    expect(() => readConfig(gpuWorkerEnv, { ...env, [name]: value })).toThrow(message);
  });
});

describe('the identity of a model', () => {
  it('is its content: a copy is the same, one changed weight is not, a new profile changes nothing', async () => {
    const { dir, remove } = await copyOfRandomModel();
    try {
      const identity = await modelIdentity(RANDOM_MODEL);
      await writeFile(join(dir, 'profile.json'), '{}');
      expect(await modelIdentity(dir)).toBe(identity);
      const weights = await open(join(dir, 'vae', 'diffusion_pytorch_model.safetensors'), 'r+');
      const { size } = await weights.stat();
      const last = Buffer.alloc(1);
      await weights.read(last, 0, 1, size - 1);
      await weights.write(Buffer.of(last[0]! ^ 1), 0, 1, size - 1);
      await weights.close();
      expect(await modelIdentity(dir)).not.toBe(identity);
    } finally {
      await remove();
    }
  });
});

describe('time left', () => {
  const shape = { width: 1000, height: 1000, numFrames: 13 };

  it('counts the steps to come and a share for decoding, and knows better after a first job', () => {
    const rate = { secondsPerMegapixel: null };
    const first = new TimeLeft(rate, 10, shape);
    expect(first.afterStep(1, 2)).toBe(9 * 2 + 3);
    expect(first.afterStep(10, 2)).toBe(3);
    expect(first.afterFrames(1, 13, 4)).toBe(8);
    expect(first.afterFrames(13, 13, 12)).toBe(0);
    expect(new TimeLeft(rate, 10, shape).afterStep(1, 2)).toBe(9 * 2 + 12);
  });
});
