import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type DevServer, type DevServerOptions, startDevServer } from '../temporal/dev-server/dev-server.ts';
import { lowerPriority } from '../platform/process/lower-priority.ts';
import type { LogFile } from '../platform/log/log-file.ts';
import { ensureRetention } from '../temporal/namespace.ts';
import { PortInUseError } from '../platform/http/ports.ts';
import { RestartWait } from './service-process.ts';

const NAMESPACE = 'default';
const RETENTION_TIMEOUT_MS = 10_000;

export interface TemporalProcessOptions extends DevServerOptions {
  log: LogFile;
  /** As a {@link ServiceProcess}'s. */
  nice?: number | undefined;
}

/** Temporal's dev server as a part of the service: started, restarted on the same file when it ends by itself, stopped. */
export class TemporalProcess {
  /** Resolves when it first answers. */
  readonly ready: Promise<void>;
  /** Rejects where its port was taken before it was ever up, or its program cannot be run. Never resolves. */
  readonly failed: Promise<never>;
  readonly #options: TemporalProcessOptions;
  readonly #tell: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #server: DevServer | undefined;
  #becameReady!: () => void;

  constructor(options: TemporalProcessOptions, tell: (line: string) => void) {
    this.#options = { ...options, signal: this.#stopping.signal };
    this.#tell = tell;
    this.ready = new Promise((resolve) => (this.#becameReady = resolve));
    let fail!: (error: Error) => void;
    this.failed = new Promise((_, reject) => (fail = reject));
    // A rejection that comes before there is a listener must not end the process.
    this.failed.catch(() => {});
    this.#running = this.#keepRunning().catch(fail);
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#server?.stop();
    await this.#running;
  }

  kill(): void {
    this.#stopping.abort();
    this.#server?.kill();
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    for (const wait = new RestartWait(); !signal.aborted;) {
      const how = await this.#runOnce();
      if (signal.aborted) return;
      const ms = wait.next();
      this.#tell(`${how} (log: ${this.#options.log.path}). Starting it again in ${ms / 1000} s.`);
      await sleep(ms, undefined, { signal }).catch(() => {});
    }
  }

  /** How it ended. @throws where starting it again does not help */
  async #runOnce(): Promise<string> {
    const { nice } = this.#options;
    const wasUp = this.#server !== undefined;
    try {
      const server = (this.#server = await startDevServer(this.#options));
      // A kill may have come while it was starting, before there was anything to kill.
      if (this.#stopping.signal.aborted) {
        server.kill();
        await server.exited;
        return '';
      }
      await raiseRetention(server);
      if (nice !== undefined) lowerPriority(server.pid, nice);
      this.#becameReady();
      await server.exited;
      return "Temporal's server ended by itself";
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      if (!wasUp && error instanceof PortInUseError) throw error;
      if (code === 'ENOENT' || code === 'EACCES') throw error;
      return shortened((error as Error).message);
    }
  }
}

/** Ends the server where that fails: without it, it would forget videos before their time. */
async function raiseRetention(server: DevServer): Promise<void> {
  let connection: Connection | undefined;
  try {
    const opened = (connection = await Connection.connect({ address: server.address }));
    await opened.withDeadline(Date.now() + RETENTION_TIMEOUT_MS, () => ensureRetention(opened, NAMESPACE));
  } catch (error) {
    await server.stop();
    throw new Error(`Temporal's server could not be set up: ${(error as Error).message}`, { cause: error });
  } finally {
    await connection?.close();
  }
}

/** The first line, and the beginning of the last: the server's own last words. */
function shortened(message: string): string {
  const [first = '', ...more] = message.split('\n').filter(Boolean);
  return [first, ...more.slice(-1)].map((line) => line.slice(0, 300)).join(' … ');
}
