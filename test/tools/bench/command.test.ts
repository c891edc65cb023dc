import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Baseline } from '../../../tools/bench/measure/baseline.ts';
import type { BenchmarkResult } from '../../../tools/bench/measure/result.ts';
import { Command } from '../../support/command.ts';
import { itWith } from '../../support/needs/with-needs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a benchmark that cannot run costs none of the other results, and the command says which one it was', async () => {
  const json = join(folder, 'bench.json');
  const args = ['transformer', 'checkpoint', 'vae', '--python', join(folder, 'no-python'), '--json', json];
  const bench = new Command('tools/bench/command.js', args, {});
  await bench.said(/transformer failed: .*ENOENT/);
  await bench.said(/vae failed: /);
  // The result of the one before it was kept before it failed.
  const results = JSON.parse(await readFile(json, 'utf8')) as BenchmarkResult[];
  expect(results.map(({ id }) => id)).toEqual(['checkpoint']);
  expect(await bench.ended()).toBe(1);
  expect(bench.output).toMatch(/checkpoint, share of the 30 s between two +\S+ %/);
  expect(bench.output).toContain('Failed: transformer, vae.');
}, 300_000);

itWith('python')(
  'the Python side of a benchmark is started, and measures its task as often as it is asked to',
  async () => {
    // Stands for PyTorch, which takes gigabytes and has no part in the conversation.
    await writeFile(
      join(folder, 'torch.py'),
      'import contextlib\nset_num_threads = print\ninference_mode = contextlib.nullcontext\n',
    );
    await writeFile(join(folder, 'counting.py'), 'def prepare(to):\n    return lambda: sum(range(to))\n');
    const before = process.env['PYTHONPATH'];
    process.env['PYTHONPATH'] = [folder, ...(before === undefined ? [] : [before])].join(delimiter);
    const baseline = await Baseline.start('python3', 'counting', { to: 1000 }).finally(() => {
      if (before === undefined) delete process.env['PYTHONPATH'];
      else process.env['PYTHONPATH'] = before;
    });
    try {
      for (let run = 0; run < 2; run++) {
        const { seconds, cpuSeconds } = await baseline.run();
        expect(Math.min(seconds, cpuSeconds)).toBeGreaterThan(0);
      }
    } finally {
      await baseline.stop();
    }
  },
);
