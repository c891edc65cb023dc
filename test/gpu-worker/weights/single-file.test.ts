import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command } from '../../support/command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-single-'));
  for (const name of ['mochi.safetensors', 'mochi.Q4_K.gguf', 'mochi.ckpt']) {
    await writeFile(join(folder, name), Buffer.alloc(64));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = (model: string) => ({
  MODEL_DIR: model,
  DATA_DIR: join(folder, 'data'),
  SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
  ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
  TEMP_DIR: join(folder, 'temp'),
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  API_PORT: '8080',
});

describe('an operator who gives one file of weights as MODEL_DIR is told what it is and how to get a folder', () => {
  it.each([
    ['the API', 'api/server.js', 'mochi.safetensors'],
    ['the CPU worker', 'activities/worker.js', 'mochi.Q4_K.gguf'],
    ['the GPU worker', 'gpu-worker/worker.js', 'mochi.ckpt'],
    ['npm start', 'local/start.js', 'mochi.safetensors'],
    ['models:check', 'gpu-worker/models/check-command.js', 'mochi.gguf'],
  ])('%s', async (_who, program, name) => {
    const file = join(folder, name);
    await writeFile(file, '');
    const command = new Command(program, program.includes('check') ? [file] : [], environment(file));
    expect(await command.ended()).toBe(1);
    expect(command.output).toContain(`MODEL_DIR=${file} is a single-file checkpoint`);
    expect(command.output).toContain('npm run models:pull');
    expect(command.output).not.toMatch(/ENOTDIR|\n {4}at /);
  });

  it('also where the file lies in the folder', async () => {
    const command = new Command('local/start.js', [], environment(folder));
    expect(await command.ended()).toBe(1);
    expect(command.output).toMatch(
      /no model_index\.json, but a single-file checkpoint \(mochi.Q4_K.gguf, mochi.ckpt, mochi/,
    );
  });
});
