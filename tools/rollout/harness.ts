import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { temporalEnv } from '../../temporal/config.ts';
import { readConfig } from '../../platform/config/config.ts';
import { connectClient } from '../../temporal/connection.ts';
import { type DevServer, startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { testTemporal } from '../harness/servers/test-temporal.ts';
import { WorkerProcess } from '../harness/services/worker-process.ts';
import { pauses } from '../harness/patience.ts';

const MODEL_DIR = fileURLToPath(new URL('../../../gpu-worker/models/mochi-tiny', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../../../k8s/version', import.meta.url));

/** A worker deployment of each kind, as in k8s/components/versions. */
const DEPLOYMENTS = { cpu: 'kinora-cpu', gpu: 'kinora-gpu' } as const;
const PROGRAMS = { cpu: 'activities/worker.js', gpu: 'gpu-worker/worker.js' } as const;

export type Kind = keyof typeof PROGRAMS;

/** Temporal's dev server on a file, and real workers of two versions with mochi-tiny, each a process of its own. */
export class RolloutHarness {
  readonly client: Client;
  /** Every worker that was ever started, ended ones too. */
  readonly workers: { kind: Kind; version: string; process: WorkerProcess }[] = [];
  readonly #server: DevServer;
  readonly #cli: string;
  readonly #folder: string;
  readonly #versioned: boolean;

  private constructor(client: Client, server: DevServer, cli: string, folder: string, versioned: boolean) {
    this.client = client;
    this.#server = server;
    this.#cli = cli;
    this.#folder = folder;
    this.#versioned = versioned;
  }

  /**
   * @param folder empty
   * @param versioned whether workers tell Temporal of their version
   */
  static async start(folder: string, versioned: boolean): Promise<RolloutHarness> {
    const cli = await testTemporal();
    const [port = 0] = await freePorts(1);
    const server = await startDevServer({ cli, port, dbFile: join(folder, 'temporal.db') });
    const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: server.address });
    const client = await connectClient(config, { log: createLogger('test', 'silent') });
    return new RolloutHarness(client, server, cli, folder, versioned);
  }

  /** Starts a worker; it takes work as soon as `Ready for work` is in its log. */
  begin(kind: Kind, version: string): WorkerProcess {
    const folder = (name: string) => join(this.#folder, name);
    const process = new WorkerProcess(PROGRAMS[kind], {
      TEMPORAL_ADDRESS: this.#server.address,
      SCRATCH_URL: pathToFileURL(folder('scratch')).href,
      ARTEFACTS_URL: pathToFileURL(folder('artefacts')).href,
      TEMP_DIR: folder('temporary'),
      MODEL_DIR,
      CPU_THREADS: '1',
      CHECKPOINT_STEPS: String(CHECKPOINT_STEPS),
      PREVIEW_SECONDS: '0',
      ...(this.#versioned && { TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENTS[kind], TEMPORAL_WORKER_BUILD_ID: version }),
    });
    this.workers.push({ kind, version, process });
    return process;
  }

  /** As an operator does: `k8s/version …`; again while Temporal has not heard of a worker that has just begun. */
  async version(...args: string[]): Promise<void> {
    const env = {
      ...process.env,
      TEMPORAL_ADDRESS: this.#server.address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_CLI: this.#cli,
    };
    for (const end = Date.now() + 30_000, pause = pauses(); ; await pause()) {
      try {
        await promisify(execFile)(SCRIPT, args, { env });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  /** Jobs that run, and are bound to a version. */
  async pinnedTo(version: string): Promise<number> {
    const query = `TemporalWorkerDeploymentVersion = '${DEPLOYMENTS.cpu}:${version}' AND ExecutionStatus = 'Running'`;
    return (await this.client.workflow.count(query)).count;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map(({ process }) => process.stop()));
    await this.client.connection.close();
    await this.#server.stop();
  }
}

/** Between two checkpoints: what a crash may cost. */
export const CHECKPOINT_STEPS = 10;
