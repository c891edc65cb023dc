import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../../storage/keys.ts';
import { errorOf } from '../../../temporal/error-of.ts';
import { GpuHarness } from '../../../tools/harness/services/gpu-harness.ts';
import { SPEC } from '../../support/services/gpu-video.ts';
import { plantedModel } from '../../support/model/planted-weights.ts';

let line: GpuHarness;
let remove: (() => Promise<void>) | undefined;

beforeAll(async () => (line = await GpuHarness.start()));
afterEach(async () => {
  await line.clear();
  await remove?.();
});
afterAll(() => line?.stop());

const TRANSFORMER = 'transformer/diffusion_pytorch_model.safetensors';
const VAE = 'vae/diffusion_pytorch_model.safetensors';
const TEXT_ENCODER = 'text_encoder/model.safetensors';

describe('a video of damaged weights fails and says which, and is never published as a black one', () => {
  it.each([
    [TRANSFORMER, 'transformer_blocks.2.attn1.to_q.weight', 'NaN', /latents after step 1/, 0],
    [TRANSFORMER, 'proj_out.bias', 'infinite', /latents after step 1/, 0],
    [TRANSFORMER, 'time_embed.pooler.to_q.weight', 'NaN', /latents after step 1/, 0],
    [TEXT_ENCODER, 'encoder.block.0.layer.0.SelfAttention.q.weight', 'NaN', /the text/, 0],
    [TEXT_ENCODER, 'encoder.final_layer_norm.weight', 'infinite', /the text/, 0],
    [VAE, 'decoder.block_in.resnets.0.conv1.conv.weight', 'NaN', /decoded values of frame 1/, 6],
    [VAE, 'decoder.block_in.resnets.0.norm1.norm_layer.weight', 'infinite', /frame 1/, 6],
  ] as const)('%s, %s: %s', async (file, tensor, value, where, soundSteps) => {
    const model = await plantedModel(file, tensor, value);
    remove = model.remove;
    const worker = await line.worker({ MODEL_DIR: model.dir, CHECKPOINT_STEPS: '1', PREVIEW_SECONDS: '0.001' });
    const handle = await line.submit({ ...SPEC, model: 'mochi-tiny', numInferenceSteps: 6 });
    const failed = errorOf(await handle.result().catch((error: unknown) => error));
    expect(failed).toEqual({ code: 'numerical_failure', message: expect.stringMatching(where) });
    expect(failed.message).toContain(`tensor ${tensor} of ${file} holds ${value === 'NaN' ? 'a NaN' : 'an infinite'}`);
    await worker.saw('Attempt ended');
    // Not tried again.
    await sleep(1_500);
    expect(worker.log.filter(({ msg }) => msg === 'Generating')).toHaveLength(1);
    const kept: string[] = [];
    const prefix = keys.prefix(handle.workflowId);
    for await (const { key } of line.scratch.list(prefix)) kept.push(key.slice(prefix.length));
    if (soundSteps === 0) expect(kept).toEqual([]);
    // Another worker can go on from sound latents.
    else expect(kept).toContain(`checkpoint-0000${soundSteps}.safetensors`);
    expect(kept.filter((name) => name.startsWith('frames'))).toEqual([]);
  });
});
