import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { Command } from '../support/command.ts';

let model: string;
beforeEach(async () => {
  model = await mkdtemp(join(tmpdir(), 'kinora-broken-'));
  await cp(MOCHI_TINY, model, { recursive: true });
});
afterEach(() => rm(model, { recursive: true, force: true }));

const WEIGHTS = 'transformer/diffusion_pytorch_model.safetensors';

it.each([
  ['weights that were cut short', WEIGHTS, (file: string) => truncate(file, 100_000)],
  ['a tokenizer that is no JSON', 'tokenizer/tokenizer.json', (file: string) => writeFile(file, '{"model":')],
  ['a profile that is no JSON', 'profile.json', (file: string) => writeFile(file, '{')],
])('npm run demo ends over %s, and names the file, in place of trying again for ever', async (_what, name, spoil) => {
  await spoil(join(model, name));
  const demo = new Command('local/demo.js', ['a red circle'], { MODEL_DIR: model });
  expect(await demo.ended()).toBe(1);
  expect(demo.output).toContain(join(model, name));
  expect(demo.output).not.toMatch(/Starting it again|\n {4}at /);
});
