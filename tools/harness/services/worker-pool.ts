import { IllegalStateError } from '@temporalio/common';
import { type NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createLogger } from '../../../platform/log/logger.ts';
import { temporalLogger } from '../../../temporal/sdk-logger.ts';

/**
 * Before the first connection: keeps what the SDK logs of failures that tests want out of their output. A runtime that a failed
 * suite left behind in this process is kept, for it would fail all others.
 */
export function silenceWorkers(): void {
  try {
    Runtime.install({ logger: temporalLogger(createLogger('test', 'silent')) });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

/** Workers in this process, on one connection. */
export class WorkerPool {
  readonly #connection: NativeConnection;
  readonly #workers: { worker: Worker; running: Promise<void> }[] = [];

  constructor(connection: NativeConnection) {
    this.#connection = connection;
  }

  async start(options: Omit<WorkerOptions, 'connection'>): Promise<void> {
    const worker = await Worker.create({ connection: this.#connection, ...options });
    this.#workers.push({ worker, running: worker.run() });
  }

  async stop(): Promise<void> {
    const workers = this.#workers.splice(0);
    for (const { worker } of workers) worker.shutdown();
    await Promise.all(workers.map(({ running }) => running));
  }
}
