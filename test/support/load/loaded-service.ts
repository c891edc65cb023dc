import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NativeConnection } from '@temporalio/worker';
import { LocalStore } from '../../../storage/local.ts';
import { findTemporalCli } from '../../../temporal/cli.ts';
import { startDevServer } from '../../../temporal/dev-server.ts';
import { freePorts } from '../../../temporal/ports.ts';
import { silenceWorkers, StandInLine, untilCancelled } from '../stand-in-line.ts';
import { WorkerProcess } from '../worker-process.ts';

export interface LoadedService {
  /** `http://host:port` of the API. */
  url: string;
  stop(): Promise<void>;
}

/** What is in the making at the same time. */
const GPUS = 8;

/**
 * A real Temporal server and the API as it is run, each a process of its own; and workers whose GPUs are stand-ins that
 * report a step every 50 ms and never finish, so that the machine's cores are left to what is loaded.
 */
export async function startLoadedService(): Promise<LoadedService> {
  silenceWorkers();
  const folder = await mkdtemp(join(tmpdir(), 'kinora-load-'));
  const [apiPort = 0, temporalPort = 0] = await freePorts(2);
  const server = await startDevServer({ cli: await findTemporalCli(), port: temporalPort });
  const connection = await NativeConnection.connect({ address: server.address });
  const line = new StandInLine(connection, new LocalStore(join(folder, 'artefacts')));
  const api = new WorkerProcess('api/server.js', {
    TEMPORAL_ADDRESS: server.address,
    ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
    SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
    API_PORT: String(apiPort),
    // A machine that does other things too may need longer than users would wait.
    API_TEMPORAL_TIMEOUT_MS: '20000',
    LOG_LEVEL: 'info',
  });
  const stop = async () => {
    await api.stop();
    await line.stop();
    await connection.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    let step = 0;
    line.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: step++ % 60, steps: 64 }));
    await line.startCpuWorker();
    await line.startGpuWorker(GPUS);
    const { url } = (await api.saw('Listening')) as unknown as { url: string };
    await api.saw('Connected to Temporal');
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
