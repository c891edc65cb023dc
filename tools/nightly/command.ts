/** `npm run check:nightly`: every long check, one after the other, each within its budget, and one table at the end. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../cuda/report.ts';
import { runProcess } from '../../platform/process/run-process.ts';
import { UserError } from '../../platform/config/user-error.ts';
import { runStep, type Step, type StepResult } from './step.ts';
import { nightlySteps } from './steps.ts';

const LAST_CHARS = 3_000;

async function main(): Promise<number> {
  const { steps, seed } = argumentsOf(process.argv.slice(2));
  const folder = await mkdtemp(join(tmpdir(), 'kinora-nightly-'));
  say(`Seed ${seed}; logs in ${folder}`);
  const results: StepResult[] = [];
  for (const step of steps) {
    say(`${step.name}, within ${step.budgetMinutes} min …`);
    const result = await runStep(step, join(folder, `${step.name.replace(':', '-')}.log`));
    results.push(result);
    say(`${step.name}: ${result.outcome}, ${(result.seconds / 60).toFixed(1)} min`);
    if (result.outcome !== 'passed') say((await readFile(result.logFile, 'utf8')).slice(-LAST_CHARS));
  }
  say(`\n${summary(results)}`);
  const failed = results.filter(({ outcome }) => outcome !== 'passed');
  if (failed.length > 0) say(`Not passed: ${failed.map(({ step }) => step.name).join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}

function summary(results: readonly StepResult[]): string {
  const rows = results.map(({ step, outcome, seconds }) => [
    step.name,
    outcome,
    `${(seconds / 60).toFixed(1)} min`,
    `${step.budgetMinutes} min`,
  ]);
  return table([['check', 'outcome', 'took', 'budget'], ...rows]);
}

function argumentsOf(args: string[]): { steps: Step[]; seed: number } {
  const all = nightlySteps(0).map(({ name }) => name);
  try {
    const options = { seed: { type: 'string' } } as const;
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options });
    const seed = Number(values.seed ?? Math.floor(Date.now() / 86_400_000));
    if (!Number.isSafeInteger(seed)) throw new Error('--seed takes a whole number');
    const unknown = positionals.filter((name) => !all.includes(name));
    if (unknown.length > 0) throw new Error(`there is no check "${unknown[0]}"`);
    const wanted = ({ name }: Step) => positionals.length === 0 || positionals.includes(name);
    return { steps: nightlySteps(seed).filter(wanted), seed };
  } catch (error) {
    const usage = `Usage: npm run check:nightly -- [CHECK …] [--seed N]\n\n  CHECK     ${all.join(', ')}; all of them when none is named\n  --seed N  of the chaos (default: the day's number)`;
    throw new UserError(`${(error as Error).message}\n\n${usage}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await runProcess(main);
