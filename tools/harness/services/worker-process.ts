import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS } from '../patience.ts';
import { childrenOf } from '../measure/process-tree.ts';

/** A line of a worker's log. */
export interface LogLine extends Record<string, unknown> {
  msg: string;
  /** When it was read here, ms since 1970. */
  at: number;
}

interface Waiter {
  matches: (line: LogLine) => boolean;
  resolve: (line: LogLine) => void;
}

/** A worker as it runs in production: a process of its own, watched through its log. */
export class WorkerProcess {
  readonly log: LogLine[] = [];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; at: number }>;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<Waiter>();

  /** @param entry below dist, e.g. `gpu-worker/worker.js` */
  constructor(entry: string, env: Record<string, string>) {
    const path = fileURLToPath(new URL(`../../../${entry}`, import.meta.url));
    this.#child = spawn(process.execPath, [path], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'debug', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal, at: Date.now() }));
    });
    createInterface({ input: this.#child.stdout! }).on('line', (text) => this.#take(text));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The first line, past or to come, that says `msg`; fails where the process ends or time runs out before. */
  async saw(
    msg: string,
    { matches = () => true, from = 0, timeoutMs = PATIENCE_MS }: SawOptions = {},
  ): Promise<LogLine> {
    const wanted = (line: LogLine) => line.msg === msg && matches(line);
    const past = this.log.slice(from).find(wanted);
    if (past) return past;
    let timer: NodeJS.Timeout | undefined;
    let waiter!: Waiter;
    const failed = (why: string) => {
      const last = this.log.slice(-15).map((line) => JSON.stringify(line));
      return new Error(`${why} before it logged "${msg}"; its last lines:\n${last.join('\n')}`);
    };
    try {
      return await new Promise<LogLine>((resolve, reject) => {
        waiter = { matches: wanted, resolve };
        this.#waiters.add(waiter);
        timer = setTimeout(() => reject(failed(`${timeoutMs} ms passed`)), timeoutMs);
        void this.exited.then(() => reject(failed('the worker ended')));
      });
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  /** Process ids of its children. */
  children(): Promise<number[]> {
    return childrenOf(this.pid);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, whatever it is doing. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #take(text: string): void {
    if (!text.startsWith('{')) return;
    const line = { ...(JSON.parse(text) as Record<string, unknown>), at: Date.now() } as LogLine;
    this.log.push(line);
    for (const waiter of this.#waiters) if (waiter.matches(line)) waiter.resolve(line);
  }
}

export interface SawOptions {
  matches?: (line: LogLine) => boolean;
  /** Index of the first line that counts. @default 0 */
  from?: number;
  /** @default 90000 */
  timeoutMs?: number;
}
