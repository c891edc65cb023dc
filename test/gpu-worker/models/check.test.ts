import { open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModel } from '../../../gpu-worker/models/check.ts';
import { Command } from '../../support/command.ts';
import { copyOfRandomModel, editJson, RANDOM_MODEL } from '../../../tools/harness/model/model-folder.ts';

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;

/** Changes the header of a safetensors file; its length stays. */
async function editHeader(file: string, edit: (header: Header) => void): Promise<void> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header;
  edit(header);
  const text = JSON.stringify(header).padEnd(length);
  expect(text.length).toBe(length);
  const handle = await open(file, 'r+');
  await handle.write(text, 8);
  await handle.close();
}

describe('npm run models:check', () => {
  let dir: string;
  let remove: () => Promise<void>;
  beforeEach(async () => ({ dir, remove } = await copyOfRandomModel()));
  afterEach(() => remove());

  it('names every fault of a folder at once', async () => {
    const shard = join(dir, 'transformer', 'diffusion_pytorch_model-00001-of-00002.safetensors');
    await editHeader(shard, (header) => {
      delete header['patch_embed.proj.bias'];
      const [query, pooler] = ['transformer_blocks.0.attn1.to_q.weight', 'time_embed.pooler.to_q.weight'];
      header[query]!.shape = [header[query]!.shape.reduce((a, b) => a * b, 1)];
      Object.assign(header[pooler]!, { dtype: 'I32' });
    });
    await rm(join(dir, 'text_encoder', 'model-00002-of-00002.safetensors'));
    await truncate(join(dir, 'vae', 'diffusion_pytorch_model.safetensors'), 1_000_000);
    await editJson(join(dir, 'scheduler', 'scheduler_config.json'), (config) => (config['shift'] = 3));
    await writeFile(join(dir, 'profile.json'), '{}');

    const command = new Command('gpu-worker/models/check-command.js', [dir], {});
    expect(await command.ended()).toBe(1);
    for (const fault of [
      /00001-of-00002\.safetensors: has no tensor patch_embed\.proj\.bias/,
      /tensor transformer_blocks\.0\.attn1\.to_q\.weight should have shape \[\d+, \d+\] but has \[\d+\]/,
      /tensor time_embed\.pooler\.to_q\.weight has the type I32/,
      /text_encoder\/model-00002-of-00002\.safetensors: ENOENT/,
      /vae\/diffusion_pytorch_model\.safetensors: .*cut short/,
      /scheduler_config\.json: shift/,
      /profile\.json is not a model profile/,
    ]) {
      expect(command.output).toMatch(fault);
    }
    expect(command.output.split('\n').filter((line) => /shape|type|tensor /.test(line)).length).toBeLessThan(6);
  });

  it('names a config that is not there, and checks the rest', async () => {
    await rm(join(dir, 'vae', 'config.json'));
    await rm(join(dir, 'tokenizer'), { recursive: true });
    await editJson(join(dir, 'text_encoder', 'config.json'), (config) => (config['num_layers'] = 3));
    const faults = await checkModel(dir);
    expect(faults.join('\n')).toMatch(/vae\/config\.json: ENOENT/);
    expect(faults.join('\n')).toMatch(/tokenizer: holds no tokenizer\.json/);
    expect(faults.join('\n')).toMatch(/tensor encoder\.block\.2\.layer\.0\.SelfAttention\.q\.weight .* is missing/);
  });

  it('is content with a folder that fits', async () => {
    const command = new Command('gpu-worker/models/check-command.js', [RANDOM_MODEL], {});
    expect(await command.ended()).toBe(0);
    expect(command.output).toContain('fits');
  });
});
