import { rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFolder } from '../../../../gpu-worker/families/mochi/check-folder.ts';
import { Mochi } from '../../../../gpu-worker/families/mochi/index.ts';
import { addTensor, copyOfRandomModel, editJson } from '../../../../tools/harness/model/model-folder.ts';

describe('an operator who points the worker at a wrong folder is told what is wrong with it', () => {
  let dir: string;
  let remove: () => Promise<void>;
  beforeEach(async () => ({ dir, remove } = await copyOfRandomModel()));
  afterEach(() => remove());

  const failure = async () => {
    const outcome = await Mochi.load(dir).catch((error: Error) => error);
    if (!(outcome instanceof Error)) {
      await outcome.close();
      throw new Error('the folder was accepted');
    }
    expect(outcome.name).toBe('ModelFolderError');
    return outcome.message;
  };

  it('names the file, the tensor and both shapes where a config does not fit its weights', async () => {
    await editJson(join(dir, 'transformer', 'config.json'), (config) => (config.time_embed_dim = 32));
    const message = await failure();
    expect(message).toMatch(/transformer\/diffusion_pytorch_model-0000\d-of-00002\.safetensors/);
    expect(message).toContain('time_embed.timestep_embedder.linear_1.weight');
    expect(message).toContain('[32, 32]');
    expect(message).toContain('[32, 64]');
  });

  it('names the tensor that is missing', async () => {
    await editJson(join(dir, 'transformer', 'config.json'), (config) => (config.num_layers = 4));
    expect(await failure()).toMatch(/transformer_blocks\.[23]\.\S+ of shape \[.*\] is missing/);
  });

  it('names the shard that is missing', async () => {
    const shard = 'diffusion_pytorch_model-00002-of-00002.safetensors';
    await rm(join(dir, 'transformer', shard));
    expect(await failure()).toContain(shard);
  });

  it('notices a download that was cut short', async () => {
    const file = join(dir, 'vae', 'diffusion_pytorch_model.safetensors');
    await truncate(file, 1_000_000);
    expect(await failure()).toMatch(/vae\/diffusion_pytorch_model\.safetensors.*cut short/);
  });

  it('names the file and the field of a config that is not Mochi', async () => {
    await editJson(join(dir, 'transformer', 'config.json'), (config) => (config.activation_fn = 'linear-silu'));
    expect(await failure()).toMatch(/transformer\/config\.json: activation_fn/);
  });

  it('says which files it expected where there are no weights', async () => {
    await rename(join(dir, 'vae', 'diffusion_pytorch_model.safetensors'), join(dir, 'vae', 'other.safetensors'));
    expect(await failure()).toMatch(/vae: holds no weights; expected one of .*diffusion_pytorch_model\.safetensors/);
  });

  it('says so when the folder is not there', async () => {
    await rm(dir, { recursive: true });
    expect(await failure()).toMatch(/model_index\.json|scheduler_config\.json|tokenizer/);
  });
});

describe('weights as other programs leave them', () => {
  it('are taken with tensors beside those of the model, of whatever type', async () => {
    const { dir, remove } = await copyOfRandomModel();
    const vae = join(dir, 'vae', 'diffusion_pytorch_model.safetensors');
    for (const dtype of ['I16', 'F8_E4M3', 'F8_E5M2', 'F4', 'U64', 'C64']) {
      await addTensor(vae, `extra.${dtype}`, dtype, Buffer.alloc(8));
    }
    await addTensor(vae, 'scaled_fp8', 'F8_E4M3', Buffer.alloc(2));
    expect(await checkFolder(dir)).toEqual([]);
    const model = await Mochi.load(dir);
    expect(model.healthy).toBe(true);
    await model.close();
    await remove();
  });
});
