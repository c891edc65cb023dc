import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { type Client, Connection, Client as TemporalClient } from '@temporalio/client';
import { S3Store } from '../../storage/s3.ts';
import { probe } from '../../platform/http/probe.ts';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { LogFile } from '../../platform/log/log-file.ts';
import { startDevServer } from '../../temporal/dev-server/dev-server.ts';
import { freePorts } from '../../platform/http/ports.ts';
import { s3Client } from '../../storage/s3-client.ts';
import { PostgresCluster } from '../harness/servers/production-temporal/postgres-cluster.ts';
import { makeStandIn } from '../harness/servers/production-temporal/stand-in.ts';
import { clusterTemplate } from '../harness/servers/production-temporal/template.ts';
import { type S3Program, s3Program } from '../harness/servers/s3-server.ts';
import { onPostgres } from '../harness/servers/test-temporal.ts';
import { launchProgram } from './launch-program.ts';
import { Part } from './part.ts';
import { S3Proxy } from './s3-proxy.ts';
import { SmallDisk } from '../harness/small-disk.ts';
import type { ServiceLog } from './service-log.ts';
import { TcpLink } from './tcp-link.ts';

/** The variable that every process of a stack carries, inference processes too, so that none is overlooked: temporary files go there. */
export const MARK = 'TMPDIR';

const MODEL_DIR = fileURLToPath(new URL('../../../gpu-worker/models/mochi-tiny', import.meta.url));
const BUCKET = 'videos';

const PROGRAMS = [
  { name: 'api', program: 'api/server.js' },
  { name: 'cpu-worker', program: 'activities/worker.js' },
  { name: 'gpu-worker', program: 'gpu-worker/worker.js' },
];

/** Tells the servers from the service's own processes. */
export const isServer = (name: string): boolean => ['temporal', 'postgres', 's3'].includes(name);

/** A TCP link from one process to a server. */
export interface StackLink {
  /** E.g. `gpu-worker-1 to s3`. */
  name: string;
  from: string;
  link: TcpLink;
}

/**
 * The service as it runs in production, small: Temporal on a file, an S3 server, APIs behind a round-robin, workers of
 * each kind, each process a real one, and between every two of them a link that can be made to fail.
 */
export class Stack {
  /** By name, e.g. `gpu-worker-2`. */
  readonly parts = new Map<string, Part>();
  readonly links: StackLink[] = [];
  /** Of the CPU workers' temporary folders, by worker; none where nothing may be mounted. */
  readonly disks = new Map<string, SmallDisk>();
  /** Address of the round-robin before the APIs. */
  apiUrl = '';
  /** `host:port` that each process serves its metrics on, by name. */
  readonly metrics = new Map<string, string>();
  s3Proxy!: S3Proxy;
  /** Of a production server; null with the dev server. */
  readonly postgres: PostgresCluster | null;
  /** `host:port`, not through any link. */
  temporalAddress = '';
  /** Not through any link. */
  temporal!: Client;
  scratch!: S3Store;
  artefacts!: S3Store;
  s3!: S3Program;
  readonly folder: string;
  /** What the variable was before, in this process. */
  readonly #markBefore = process.env[MARK];
  readonly #log: ServiceLog;
  readonly #probes: string[] = [];
  #front!: TcpLink;

  private constructor(folder: string, log: ServiceLog, postgres: PostgresCluster | null) {
    this.folder = folder;
    this.postgres = postgres;
    this.#log = log;
  }

  /**
   * @param folder empty; everything is kept in it
   * @param env further settings of every process
   * @param copies of each process
   */
  static async start(folder: string, log: ServiceLog, env: NodeJS.ProcessEnv = {}, copies = 2): Promise<Stack> {
    // Before the variable is set: PostgreSQL's user may not enter this folder.
    const postgres = onPostgres() ? await makePostgres(folder) : null;
    const stack = new Stack(folder, log, postgres);
    process.env[MARK] = folder;
    try {
      const [temporal = 0, s3 = 0, ...ports] = await freePorts(2 + copies * PROGRAMS.length);
      await Promise.all([stack.#startTemporal(temporal), stack.#startS3(s3)]);
      const apis = ports.slice(0, copies);
      for (const { name, program } of PROGRAMS) {
        for (let n = 1; n <= copies; n++) {
          await stack.#startProgram(`${name}-${n}`, program, ports.shift()!, temporal, env);
        }
      }
      stack.#front = await TcpLink.open(apis);
      stack.apiUrl = `http://127.0.0.1:${stack.#front.port}`;
      await stack.ready();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  /** Waits until every process is ready for work. */
  async ready(timeoutMs = 120_000): Promise<void> {
    const until = Date.now() + timeoutMs;
    for (const url of this.#probes) {
      while (!(await probe(url))) {
        if (Date.now() > until) throw new Error(`${url} is not ready after ${timeoutMs / 1000} s`);
        await sleep(100);
      }
    }
  }

  /** Local folder for running activities of a CPU worker. */
  temporaryFolder(cpuWorker: string): string {
    return join(this.folder, 'tmp', cpuWorker);
  }

  /** Ends everything: who serves first, who is needed last. */
  async stop(): Promise<void> {
    if (this.#markBefore === undefined) delete process.env[MARK];
    else process.env[MARK] = this.#markBefore;
    const named = (test: (name: string) => boolean) => [...this.parts.values()].filter(({ name }) => test(name));
    await Promise.all(named((name) => !isServer(name)).map((part) => part.stop()));
    await this.temporal?.connection.close();
    await Promise.all(named((name) => isServer(name) && name !== 'postgres').map((part) => part.stop()));
    await this.parts.get('postgres')?.stop();
    await this.postgres?.remove();
    await Promise.all([this.scratch?.close(), this.artefacts?.close()]);
    await Promise.all([...this.links.map(({ link }) => link.close()), this.#front?.close(), this.s3Proxy?.close()]);
    await Promise.all([...this.disks.values()].map((disk) => disk.unmount()));
  }

  async #startTemporal(port: number): Promise<void> {
    const cli = this.postgres ? await this.#startPostgres(this.postgres) : await findTemporalCli();
    const dbFile = join(this.folder, 'temporal.db');
    const log = new LogFile(join(this.folder, 'temporal.log'));
    await this.#start('temporal', () => startDevServer({ cli, port, dbFile, log }));
    this.temporalAddress = `127.0.0.1:${port}`;
    this.temporal = new TemporalClient({ connection: Connection.lazy({ address: this.temporalAddress }) });
  }

  /** @returns the program that starts Temporal's server. No link lies between: they exchange too much for one. */
  async #startPostgres(cluster: PostgresCluster): Promise<string> {
    await this.#start('postgres', () => cluster.start());
    return await makeStandIn(cluster);
  }

  async #startS3(port: number): Promise<void> {
    const base = join(this.folder, 's3');
    await mkdir(base);
    this.s3 = await s3Program(base, port);
    await this.#start('s3', async () => {
      const server = await this.s3.launch();
      return { pid: server.pid!, exited: server.exitCode === null ? once(server, 'exit') : Promise.resolve() };
    });
    const client = s3Client(this.s3.settings);
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
    this.scratch = new S3Store({ ...this.s3.settings, bucket: BUCKET, prefix: 'scratch' });
    this.artefacts = new S3Store({ ...this.s3.settings, bucket: BUCKET, prefix: 'artefacts' });
    this.s3Proxy = await S3Proxy.open(port);
  }

  async #startProgram(name: string, program: string, port: number, temporal: number, env: NodeJS.ProcessEnv) {
    const link = async (to: string, target: number) => {
      const opened = await TcpLink.open([target]);
      this.links.push({ name: `${name} to ${to}`, from: name, link: opened });
      return `127.0.0.1:${opened.port}`;
    };
    const { S3_FORCE_PATH_STYLE, ...s3 } = this.s3.settings;
    const settings = {
      ...process.env,
      ...s3,
      S3_FORCE_PATH_STYLE: String(S3_FORCE_PATH_STYLE),
      S3_ENDPOINT: `http://${await link('s3', this.s3Proxy.port)}`,
      TEMPORAL_ADDRESS: await link('temporal', temporal),
      SCRATCH_URL: `s3://${BUCKET}/scratch`,
      ARTEFACTS_URL: `s3://${BUCKET}/artefacts`,
      MODEL_DIR,
      TEMP_DIR: this.temporaryFolder(name),
      API_PORT: String(port),
      HEALTH_PORT: String(port),
      LOG_LEVEL: 'debug',
      ...env,
    };
    if (name.startsWith('cpu-worker')) {
      const disk = await SmallDisk.mount(this.temporaryFolder(name));
      if (disk) this.disks.set(name, disk);
    }
    this.#probes.push(`http://127.0.0.1:${port}/readyz`);
    this.metrics.set(name, `127.0.0.1:${port}`);
    const logFile = join(this.folder, `${name}.log`);
    const take = (line: string) => this.#log.take(name, line);
    await this.#start(name, async () => launchProgram({ program, env: settings, logFile, take }));
  }

  async #start(name: string, launch: ConstructorParameters<typeof Part>[1]): Promise<void> {
    const part = new Part(name, launch, () => this.#log.ended(name));
    await part.start();
    this.parts.set(name, part);
  }
}

const makePostgres = async (folder: string) =>
  PostgresCluster.make(await clusterTemplate(() => {}), join(folder, 'postgres.log'));
