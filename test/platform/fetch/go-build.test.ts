import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';

const GO_BUILD = new URL('../../../platform/fetch/go-build.js', import.meta.url).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-no-go-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a command ends when it is done, also on a machine without Go', async () => {
  const program = `
    const { goBuild } = await import(${JSON.stringify(GO_BUILD)});
    const output = ${JSON.stringify(join(folder, 'program'))};
    await goBuild({ module: '.', package: 'example.com/x', output }).catch(({ message }) => console.log(message));`;
  const args = ['--input-type=module', '-e', program];
  // A kill at the end of the patience is an error of its own.
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: '' }, timeout: PATIENCE_MS });
  expect(stdout).toBe('Go is not installed\n');
});
