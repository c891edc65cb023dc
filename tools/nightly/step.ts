import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** One command of a long check. */
export interface Step {
  name: string;
  command: string[];
  /** It is ended, and has failed, when it takes longer. */
  budgetMinutes: number;
}

export type Outcome = 'passed' | 'failed' | 'over budget';

export interface StepResult {
  step: Step;
  outcome: Outcome;
  seconds: number;
  /** All that it printed. */
  logFile: string;
}

/** After SIGTERM: time to stop servers and remove folders. */
const GRACE_MS = 60_000;

/** Runs a command to its end, or to the end of its budget; what it starts belongs to its process group. */
export async function runStep(step: Step, logFile: string, graceMs = GRACE_MS): Promise<StepResult> {
  const [program, ...args] = step.command as [string, ...string[]];
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const log = createWriteStream(logFile);
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  let late = false;
  const signal = (name: NodeJS.Signals) => {
    late = true;
    try {
      process.kill(-child.pid!, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const budgetMs = step.budgetMinutes * 60_000;
  const timers = [
    setTimeout(() => signal('SIGTERM'), budgetMs),
    setTimeout(() => signal('SIGKILL'), budgetMs + graceMs),
  ];
  // A program that is not there has failed too.
  const [code] = await (once(child, 'close') as Promise<[number | null]>).catch(({ message }: Error) => {
    log.write(`${message}\n`);
    return [null];
  });
  for (const timer of timers) clearTimeout(timer);
  log.end();
  await once(log, 'close');
  const outcome = late ? 'over budget' : code === 0 ? 'passed' : 'failed';
  return { step, outcome, seconds: (performance.now() - begin) / 1000, logFile };
}
