import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readConfig } from '../../platform/config/config.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { temporalEnv } from '../../temporal/config.ts';
import { connectClient } from '../../temporal/connection.ts';
import { startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { testTemporal } from '../harness/servers/test-temporal.ts';
import { WorkerProcess } from '../harness/services/worker-process.ts';
import { seedVideos } from './seed.ts';

export interface SearchedService {
  /** `http://host:port` of the API. */
  url: string;
  stop(): Promise<void>;
}

/** Temporal with its database in the folder, as `npm start` has it, with a finished video of each prompt; and the API before it. */
export async function startSearchedService(folder: string, prompts: readonly string[]): Promise<SearchedService> {
  const [port = 0, apiPort = 0] = await freePorts(2);
  const server = await startDevServer({ cli: await testTemporal(), port, dbFile: join(folder, 'temporal.db') });
  let api: WorkerProcess | undefined;
  const stop = async () => {
    await api?.stop();
    await server.stop();
  };
  try {
    const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: server.address });
    const client = await connectClient(config, { log: createLogger('tools', 'silent') });
    try {
      await seedVideos(client, prompts);
    } finally {
      await client.connection.close();
    }
    const store = (name: string) => pathToFileURL(join(folder, name)).href;
    api = new WorkerProcess('api/server.js', {
      TEMPORAL_ADDRESS: server.address,
      ARTEFACTS_URL: store('artefacts'),
      SCRATCH_URL: store('scratch'),
      API_PORT: String(apiPort),
      LOG_LEVEL: 'info',
    });
    const { url } = (await api.saw('Listening')) as unknown as { url: string };
    await api.saw('Connected to Temporal');
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
