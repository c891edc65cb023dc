import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type DevServer, type DevServerOptions, startDevServer } from '../dev-server.ts';
import { ensureRetention } from '../namespace.ts';

const NAMESPACE = 'default';
/** Before a server that ended by itself is started again on its file. */
const RESTART_MS = 1_000;

/** Temporal's dev server as a part of the service: started, restarted on the same file when it ends by itself, stopped. */
export class TemporalProcess {
  /** Resolves when it first answers. */
  readonly ready: Promise<void>;
  /** Rejects where it cannot be started. Never resolves. */
  readonly failed: Promise<never>;
  readonly #options: DevServerOptions;
  readonly #tell: (line: string) => void;
  readonly #stopping = new AbortController();
  #starting: Promise<DevServer>;
  #server: DevServer | undefined;

  constructor(options: DevServerOptions, tell: (line: string) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#starting = this.#start();
    this.ready = this.#starting.then(() => undefined);
    this.failed = this.#keepRunning();
    // Whoever started the service may not be listening yet.
    this.ready.catch(() => {});
    this.failed.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const server = await this.#starting.catch(() => undefined);
    await server?.stop();
  }

  kill(): void {
    this.#stopping.abort();
    this.#server?.kill();
  }

  async #start(): Promise<DevServer> {
    const server = (this.#server = await startDevServer(this.#options));
    // A kill may have come while it was starting, before there was anything to kill.
    if (this.#stopping.signal.aborted) server.kill();
    else await raiseRetention(server.address);
    return server;
  }

  async #keepRunning(): Promise<never> {
    for (;;) {
      const server = await this.#starting;
      await server.exited;
      if (this.#stopping.signal.aborted) return new Promise<never>(() => {});
      this.#tell(`Temporal's server ended by itself (log: ${this.#options.logFile}). Starting it again.`);
      await sleep(RESTART_MS);
      if (!this.#stopping.signal.aborted) this.#starting = this.#start();
    }
  }
}

async function raiseRetention(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await ensureRetention(connection, NAMESPACE);
  } finally {
    await connection.close();
  }
}
