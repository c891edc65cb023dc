import { mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { lowerPriority } from '../../platform/process/lower-priority.ts';
import { testTemporal } from '../harness/servers/test-temporal.ts';
import { WorkerProcess } from '../harness/services/worker-process.ts';

/** Of Temporal and the workers: they have machines of their own elsewhere, here they come after what is loaded. */
const NICE = 10;

export interface LoadedService {
  /** `http://host:port` of the API. */
  url: string;
  stop(): Promise<void>;
}

/**
 * A real Temporal server, the API as it is run, and workers (loaded-workers.ts), each a process of its own.
 *
 * @param niceness of Temporal and the workers; none where nothing is measured
 */
export async function startLoadedService(niceness = NICE): Promise<LoadedService> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-load-'));
  const [apiPort = 0, temporalPort = 0] = await freePorts(2);
  const server = await startDevServer({ cli: await testTemporal(), port: temporalPort });
  lowerPriority(server.pid, niceness);
  const store = (name: string) => pathToFileURL(join(folder, name)).href;
  const api = new WorkerProcess('api/server.js', {
    TEMPORAL_ADDRESS: server.address,
    ARTEFACTS_URL: store('artefacts'),
    SCRATCH_URL: store('scratch'),
    API_PORT: String(apiPort),
    // A machine that does other things too may need longer than users would wait.
    API_TEMPORAL_TIMEOUT_MS: '20000',
    LOG_LEVEL: 'info',
  });
  const line = new WorkerProcess('tools/load/loaded-workers.js', { TEMPORAL_ADDRESS: server.address });
  // In the session of this process, whose niceness is for all of them.
  setPriority(line.pid, niceness);
  const stop = async () => {
    await Promise.all([api.stop(), line.stop()]);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { url } = (await api.saw('Listening')) as unknown as { url: string };
    await Promise.all([api.saw('Connected to Temporal'), line.saw('Workers started')]);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
