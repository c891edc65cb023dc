import type { Client } from '@temporalio/client';
import { DefaultLogger, type NativeConnection, Runtime } from '@temporalio/worker';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { temporalEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { connectClient, connectWorker } from '../../../temporal/connection.ts';
import { type DevServer, startDevServer } from '../../../temporal/dev-server/dev-server.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { freePorts } from '../../../platform/http/ports.ts';

export interface TestTemporal {
  server: DevServer;
  client: Client;
  /** For workers. */
  connection: NativeConnection;
  stop(): Promise<void>;
}

/** Temporal's dev server on a free port, and connections to it. */
export async function startTemporal(): Promise<TestTemporal> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const [port = 0] = await freePorts(1);
  const server = await startDevServer({ cli: await findTemporalCli(), port });
  const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: server.address });
  const log = createLogger('test', 'silent');
  const [client, connection] = await Promise.all([connectClient(config, { log }), connectWorker(config, { log })]);
  return {
    server,
    client,
    connection,
    stop: async () => {
      await client.connection.close();
      await connection.close();
      // Nothing of it is kept.
      server.kill();
      await server.exited;
    },
  };
}
