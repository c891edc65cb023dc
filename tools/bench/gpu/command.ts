/** `npm run bench:gpu`: what Mochi 1 does on this machine's one or two GPUs, as far as the time that there is lasts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGpus } from '../../../gpu-worker/device/gpus.ts';
import { UserError } from '../../../platform/config/user-error.ts';
import { runProcess } from '../../../platform/process/run-process.ts';
import { ourSoftware } from '../measure/machine.ts';
import { argumentsOf, type BenchArguments } from './arguments.ts';
import { provideCuda } from './cuda-libraries.ts';
import { appendRecord, readRuns } from './records.ts';
import { formatRun, sound } from './report.ts';
import { runSteps } from './run.ts';

async function main(): Promise<number> {
  const begunAt = performance.now();
  const args = argumentsOf(process.argv.slice(2));
  if (args.print !== undefined) {
    const runs = await readRuns(args.print);
    process.stdout.write(`${runs.map(formatRun).join('\n\n\n')}\n`);
    return 0;
  }
  return bench(args, begunAt + 1000 * args.budgetS);
}

async function bench(args: BenchArguments, endsAt: number): Promise<number> {
  const { cpu, out: file, steps, named, runs, python, budgetS } = args;
  const gpus = cpu ? [] : (await readGpus()).slice(0, 2);
  const devices = args.devices ?? (cpu ? ['cpu'] : gpus.map(({ index }) => `cuda:${index}`));
  if (devices.length === 0) {
    throw new UserError('nvidia-smi knows of no GPU here. --devices names some; --cpu tries the benchmark itself.');
  }
  if (!cpu) await provideCuda(args);
  const end = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end.abort());
  const folder = await mkdtemp(join(tmpdir(), 'kinora-bench-gpu-'));
  try {
    appendRecord(file, {
      kind: 'begin',
      date: new Date().toISOString().slice(0, 16),
      devices,
      gpus: gpus.map(({ name }) => name),
      software: ourSoftware(),
      budgetS,
      steps: steps.map(({ id }) => id),
    });
    const settings = { devices, folder, runs, python };
    await runSteps({ steps, named, settings, endsAt, file, say, signal: end.signal });
    const run = (await readRuns(file)).at(-1)!;
    process.stdout.write(`${formatRun(run)}\n`);
    return sound(run) && !end.signal.aborted ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await runProcess(main);
