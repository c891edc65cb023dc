import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf } from './measure/program.ts';
import type { Figure, StepContext } from './measure/step.ts';

const PROGRAM = fileURLToPath(new URL('./step-process.js', import.meta.url));
/** For how long a killed process is waited for: one that hangs in a driver may never go. */
const GONE_WITHIN_MS = 5_000;
/** Of what a process said, only the end is kept. */
const SAID_CHARACTERS = 100_000;

/** What all steps of a run are told. */
export interface StepSettings extends Pick<StepContext, 'folder' | 'runs' | 'python'> {
  devices: string[];
}

export interface StepEnd {
  outcome: 'done' | 'failed' | 'stopped';
  why?: string;
}

/**
 * Runs one step in a process of its own, and ends it with everything that it has started where it takes too long.
 *
 * @param limitMs time that it has, after which it is killed; five seconds more may pass until this comes back
 * @param keep told of each figure the moment that it exists
 */
export async function runStep(
  id: string,
  settings: StepSettings,
  { limitMs, keep, signal }: { limitMs: number; keep: (figure: Figure) => void; signal: AbortSignal },
): Promise<StepEnd> {
  const child = fork(PROGRAM, [id, JSON.stringify(settings)], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a process group of its own, so that all that it starts can be ended with it.
    detached: true,
  });
  child.on('message', (figure) => keep(figure as Figure));
  const over = new AbortController();
  // Not AbortSignal.timeout in AbortSignal.any: nothing else holds it, and once it is collected it never comes.
  const tooLate = sleep(limitMs, 'too late' as const, { signal: over.signal });
  const interrupted = once(signal, 'abort', { signal: over.signal }).then(() => 'interrupted' as const);
  try {
    const ended = endOfProcess(child);
    const first = await Promise.race([ended, tooLate, interrupted]);
    if (typeof first === 'object') return first;
    killGroup(child.pid);
    await Promise.race([ended, sleep(GONE_WITHIN_MS, undefined, { signal: over.signal })]);
    return {
      outcome: 'stopped',
      why: first === 'interrupted' ? first : `not done in ${(limitMs / 1000).toFixed(0)} s`,
    };
  } finally {
    over.abort();
    killGroup(child.pid);
  }
}

/** How it ended, once all that it said and reported has been read. */
async function endOfProcess(child: ChildProcess): Promise<StepEnd> {
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-SAID_CHARACTERS)));
  }
  try {
    await Promise.all([once(child, 'close'), once(child, 'disconnect')]);
  } catch (error) {
    return { outcome: 'failed', why: (error as Error).message };
  }
  const { exitCode, signalCode } = child;
  if (exitCode === 0) return { outcome: 'done' };
  return { outcome: 'failed', why: `${signalCode === null ? '' : `${signalCode}: `}${endOf(said)}` };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it is gone.
  }
}
