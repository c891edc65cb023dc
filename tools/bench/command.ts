/** `npm run bench`: Kinora beside diffusers and PyTorch on the same machine, in one run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError, withUsage } from '../../platform/config/user-error.ts';
import type { Benchmark, BenchContext } from './measure/benchmark.ts';
import { busyCores } from './measure/busy-cores.ts';
import { describeMachine } from './measure/machine.ts';
import { pythonEnvironment } from './measure/python-environment.ts';
import { forConsole, record } from './report/record.ts';
import type { BenchmarkFindings, BenchmarkResult } from './measure/result.ts';
import { BENCHMARKS } from './rows/index.ts';

const MIN_ROUNDS = 5;
const USAGE = `Usage: npm run bench -- [BENCHMARK …] [--rounds N] [--json FILE] [--python FILE] [--record]

Measures Kinora and its baselines in turn, and prints medians and their ratio. Keep the machine free of other work. Each
benchmark's result is kept as soon as it is there; one that fails does not end the others.

  BENCHMARK    ${BENCHMARKS.map(({ id }) => id).join(', ')}; all of them when none is named
  --rounds N   how often each side is measured, at least ${MIN_ROUNDS}, the default
  --json FILE  where the results go (default: bench.json in the current folder)
  --python F   a Python that has diffusers and torch, in place of the bench's own
  --record     puts the results into docs/performance.json and docs/performance.md`;

async function main(): Promise<number> {
  const { chosen, rounds, json, record: recording, ...options } = argumentsOf(process.argv.slice(2));
  const environment = options.python === undefined ? pythonEnvironment(say) : Promise.resolve(options.python);
  const machine = await describeMachine(await environment.catch(() => null));
  const results: BenchmarkResult[] = [];
  const failed: string[] = [];
  for (const benchmark of chosen) {
    const { id, title } = benchmark;
    say(`${title} …`);
    const busyBefore = Math.round((await busyCores()) * 100) / 100;
    try {
      const findings = await measure(benchmark, { python: () => environment, rounds });
      const date = new Date().toISOString().slice(0, 10);
      const result = { id, title, rounds, date, machine, busyBefore, ...findings };
      results.push(result);
      say(`${forConsole([result])}\n`);
      await writeFile(json, JSON.stringify(results, undefined, 2));
      if (recording) await record([result]);
    } catch (error) {
      failed.push(id);
      say(`${id} failed: ${error instanceof UserError ? error.message : (error as Error).stack}\n`);
    }
  }
  process.stdout.write(`${forConsole(results)}\n`);
  if (failed.length > 0) say(`Failed: ${failed.join(', ')}.`);
  return failed.length === 0 ? 0 : 1;
}

async function measure({ run }: Benchmark, context: Omit<BenchContext, 'folder'>): Promise<BenchmarkFindings> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-bench-'));
  try {
    return await run({ ...context, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsOf(args: string[]) {
  return withUsage(USAGE, () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: String(MIN_ROUNDS) },
        json: { type: 'string', default: 'bench.json' },
        python: { type: 'string' },
        record: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < MIN_ROUNDS) throw new Error(`--rounds: give ${MIN_ROUNDS} or more`);
    const chosen = positionals.map(benchmarkOf);
    return { ...values, rounds, chosen: chosen.length > 0 ? chosen : BENCHMARKS };
  });
}

function benchmarkOf(id: string): Benchmark {
  const found = BENCHMARKS.find((benchmark) => benchmark.id === id);
  if (found === undefined) throw new Error(`there is no benchmark "${id}"`);
  return found;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runProcess(main);
