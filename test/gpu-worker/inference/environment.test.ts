import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mochi } from '../../../gpu-worker/families/mochi/index.ts';
import { RANDOM_MODEL } from '../../../tools/harness/model/model-folder.ts';

const SECRETS = ['S3_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'TEMPORAL_API_KEY', 'HF_TOKEN', 'WEBHOOK_SECRETS'];

// What a process was started with is told by Linux alone.
(process.platform === 'linux' ? describe : describe.skip)('an inference process', () => {
  let model: Mochi;
  beforeAll(async () => {
    for (const name of SECRETS) process.env[name] = 'a-secret-of-the-service';
    process.env['CUDA_VISIBLE_DEVICES'] = '1';
    model = await Mochi.load(RANDOM_MODEL, { threads: 1 });
  });
  afterAll(async () => {
    for (const name of [...SECRETS, 'CUDA_VISIBLE_DEVICES']) delete process.env[name];
    await model?.close();
  });

  it('knows no secret that code hidden in a model could give away, but its devices and libraries', async () => {
    const [pid] = model.devices.pids;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    expect(environment).not.toContain('a-secret-of-the-service');
    expect(environment.split('\0')).toEqual(
      expect.arrayContaining(['CUDA_VISIBLE_DEVICES=1', `PATH=${process.env['PATH']}`]),
    );
  });
});
