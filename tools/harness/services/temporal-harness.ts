import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { temporalEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { connectClient, connectWorker } from '../../../temporal/connection.ts';
import { type DevServer, startDevServer } from '../../../temporal/dev-server/dev-server.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import { testTemporal } from '../servers/test-temporal.ts';
import { silenceWorkers, WorkerPool } from './worker-pool.ts';

/** What every harness stands on: Temporal's dev server on a free port, connections to it, and workers in this process. */
export class TemporalHarness {
  readonly server: DevServer;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly workers: WorkerPool;

  private constructor(server: DevServer, client: Client, connection: NativeConnection) {
    this.server = server;
    this.client = client;
    this.connection = connection;
    this.workers = new WorkerPool(connection);
  }

  static async start(): Promise<TemporalHarness> {
    silenceWorkers();
    const [port = 0] = await freePorts(1);
    const server = await startDevServer({ cli: await testTemporal(), port });
    const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: server.address });
    const log = createLogger('test', 'silent');
    const [client, connection] = await Promise.all([connectClient(config, { log }), connectWorker(config, { log })]);
    return new TemporalHarness(server, client, connection);
  }

  async stop(): Promise<void> {
    await this.workers.stop();
    await this.client.connection.close();
    await this.connection.close();
    // Nothing of it is kept.
    this.server.kill();
    await this.server.exited;
  }
}
