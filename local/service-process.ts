import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lowerPriority } from '../platform/process/lower-priority.ts';
import type { LogFile } from '../platform/log/log-file.ts';
import { EXIT_CONFIG } from '../platform/process/run-process.ts';
import { UserError } from '../platform/config/user-error.ts';

const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const HEALTHY_MS = 60_000;

/**
 * Waits before a part that ended is started again: doubled each time, back to the first after a minute of work. cockatiel's
 * retry counts failures in a row only, and cannot tell a part that worked for a day from one that never started.
 */
export class RestartWait {
  #next = FIRST_MS;
  #since = Date.now();

  /** In ms; to be slept before the next start. */
  next(): number {
    if (Date.now() - this.#since > HEALTHY_MS + this.#next) this.#next = FIRST_MS;
    const wait = this.#next;
    this.#next = Math.min(wait * 2, LONGEST_MS);
    this.#since = Date.now();
    return wait;
  }
}

export interface ServiceProcessOptions {
  /** E.g. `gpu-worker`. */
  name: string;
  /** Compiled program, relative to dist/. */
  program: string;
  env: NodeJS.ProcessEnv;
  /** Everything that it writes goes here. */
  log: LogFile;
  /** How much later it comes than others where there is more to do than cores: 0 to 19. @default 0 */
  nice?: number | undefined;
  /** Called with each error, for people. */
  tell: (line: string) => void;
}

/** Longer than any process's own grace: it is killed after that. */
const STOP_TIMEOUT_MS = 30_000;

const DIST = new URL('../', import.meta.url);

/** One process of the service: started, restarted when it crashes, stopped. */
export class ServiceProcess {
  /** Rejects where starting it again does not help: it does not accept its settings. Never resolves. */
  readonly failed: Promise<never>;
  readonly #options: ServiceProcessOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #child: ChildProcess | undefined;
  #startedAt = 0;

  constructor(options: ServiceProcessOptions) {
    this.#options = options;
    const { promise, reject } = withReject();
    this.failed = promise;
    // A rejection that comes before there is a listener must not end the process.
    this.failed.catch(() => {});
    this.#running = this.#keepRunning(reject);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** When it was last started, in Unix ms. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** SIGTERM, and SIGKILL where it has not ended in time. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const patience = new AbortController();
    const late = sleep(STOP_TIMEOUT_MS, true, { signal: patience.signal }).catch(() => false);
    if (await Promise.race([late, this.#running.then(() => false)])) this.kill();
    patience.abort();
    await this.#running;
  }

  /** At once, without time to hand work over. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
  }

  async #keepRunning(fail: (error: Error) => void): Promise<void> {
    const { name, log, tell } = this.#options;
    const { signal } = this.#stopping;
    for (const wait = new RestartWait(); !signal.aborted;) {
      const { code, how, lastWords } = await this.#runOnce();
      if (signal.aborted) return;
      if (code === EXIT_CONFIG) {
        fail(new UserError(`${name} does not start (${how}; log: ${log.path}).\n${lastWords}`));
        return;
      }
      const ms = wait.next();
      const said = lastWords === '' ? '' : ` ${lastWords.split('\n').at(-1)}`;
      tell(`${name} ended by itself (${how}; log: ${log.path}).${said} Starting it again in ${ms / 1000} s.`);
      await sleep(ms, undefined, { signal }).catch(() => {});
    }
  }

  async #runOnce(): Promise<{ code: number | null; how: string; lastWords: string }> {
    const { name, program, env, log, tell, nice } = this.#options;
    // A process group of its own: Ctrl-C in the terminal is for us, who end things in the right order.
    const child = spawn(
      process.execPath,
      ['--import', new URL('end-with-parent.js', import.meta.url).href, fileURLToPath(new URL(program, DIST))],
      { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true },
    );
    if (nice !== undefined && child.pid !== undefined) lowerPriority(child.pid, nice);
    this.#child = child;
    this.#startedAt = Date.now();
    let lastWords = '';
    createInterface({ input: child.stdout! }).on('line', (line) => {
      log.write(`${line}\n`);
      const error = errorIn(line);
      if (error === null) return;
      tell(`${name}: ${error}`);
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log.write(text);
      lastWords = (lastWords + text).slice(-4_000);
    });
    const how = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    return { code: child.exitCode, how, lastWords: lastWords.trim() };
  }
}

/** The message of a log line of level error or above; null for any other line. */
function errorIn(line: string): string | null {
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: string; msg?: string; err?: { message?: string } };
    if (!['error', 'fatal'].includes(level ?? '')) return null;
    return [msg, err?.message].filter(Boolean).join(': ');
  } catch {
    return null;
  }
}

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, rejects) => (reject = rejects));
  return { promise, reject };
}
