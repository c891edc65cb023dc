import { describe, expect, it } from 'vitest';
import { execFile } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensorsHeader } from '../../gpu-worker/weights/safetensors.ts';
import { MOCHI_FIXTURE, withFixtureCopy } from '../../tools/harness/model/mochi-fixture.ts';

const CLI = fileURLToPath(new URL('../../tools/parity/cli.js', import.meta.url));

interface Outcome {
  exitCode: number;
  /** One line per comparison. */
  rows: string[];
  stderr: string;
}

function parity(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], (_, stdout, stderr) => {
      const rows = stdout.split('\n').filter((line) => /\b(pass|FAIL)\b/.test(line));
      resolve({ exitCode: child.exitCode!, rows, stderr });
    });
  });
}

const failed = (rows: string[]) => rows.filter((row) => row.includes('FAIL')).map((row) => row.replace(/ {2,}/g, ' '));

/** Leaves only some cases, for speed. */
async function keepCases(dir: string, ...names: string[]): Promise<void> {
  const file = join(dir, 'cases.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as { cases: { name: string }[] };
  json.cases = json.cases.filter(({ name }) => names.includes(name));
  await writeFile(file, JSON.stringify(json));
}

/** Changes the first value of a stored float32 tensor. */
async function overwrite(file: string, tensor: string, value: number): Promise<void> {
  const { offset } = (await readSafetensorsHeader(file)).get(tensor)!;
  const handle = await open(file, 'r+');
  await handle.write(new Uint8Array(Float32Array.of(value).buffer), 0, 4, offset);
  await handle.close();
}

describe('this implementation computes what diffusers computes', () => {
  it('every stage of every case, from the text to the frames, is within its tolerance', async () => {
    const { exitCode, rows, stderr } = await parity(MOCHI_FIXTURE);
    expect({ failed: failed(rows), stderr, exitCode }).toEqual({ failed: [], stderr: '', exitCode: 0 });
    expect(rows.length).toBeGreaterThan(80);
  });

  it('also with spiece.model alone, as in the published repository', () =>
    withFixtureCopy(async (dir) => {
      await rm(join(dir, 'tokenizer', 'tokenizer.json'));
      await keepCases(dir, 'no_cfg');
      const { exitCode, rows } = await parity(dir);
      expect(failed(rows)).toEqual([]);
      expect(exitCode).toBe(0);
      expect(rows.filter((row) => row.startsWith('tokenizer cases'))).toEqual([
        expect.stringContaining('spiece.model'),
      ]);
    }));
});

describe('a difference cannot go unseen', () => {
  it('a changed value, one that is no number and missing files fail by name, with exit code 1', () =>
    withFixtureCopy(async (dir) => {
      await keepCases(dir, 'cfg', 'cfg_zeros', 'no_cfg');
      await overwrite(join(dir, 'cases', 'cfg.safetensors'), 'step0.cond', 9);
      await overwrite(join(dir, 'cases', 'cfg_zeros.safetensors'), 'sigmas', NaN);
      await rm(join(dir, 'cases', 'no_cfg.safetensors'));
      await rm(join(dir, 'randn.json'));
      const { exitCode, rows } = await parity(dir);
      expect(exitCode).toBe(1);
      expect(failed(rows)).toEqual([
        expect.stringMatching(/^start noise randn\.json NaN .*FAIL .*randn\.json/),
        expect.stringMatching(/^velocity step0\.cond cfg \d/),
        expect.stringMatching(/^guidance and step 1 cfg \d/),
        expect.stringMatching(/^sigmas cfg_zeros NaN/),
        expect.stringMatching(/^guidance and step 1 cfg_zeros NaN/),
        expect.stringMatching(/^case file no_cfg NaN .*no_cfg\.safetensors/),
      ]);
    }));

  it('a model that cannot be loaded is a failure that names the file', () =>
    withFixtureCopy(async (dir) => {
      await rm(join(dir, 'vae', 'config.json'));
      const { exitCode, rows } = await parity(dir);
      expect(exitCode).toBe(1);
      expect(failed(rows)).toEqual([expect.stringMatching(/^model folder load .*vae\/config\.json/)]);
    }));

  it.each([[[]], [['a', 'b']], [['--what']], [['/no/such/folder']]])(
    'arguments %j are answered with exit code 2',
    async (args) => {
      const { exitCode, stderr } = await parity(...args);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('usage: npm run parity');
    },
  );
});
