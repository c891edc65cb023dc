import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';
import { endWithUs } from './end-with-us.ts';
import { assertPortFree } from './ports.ts';

export interface DevServerOptions {
  /** The `temporal` program, as `findTemporalCli` gives it. */
  cli: string;
  /** gRPC port. */
  port: number;
  /** Port of the Web UI; without one there is none. */
  uiPort?: number;
  /** Remote codec with which the Web UI decrypts what it shows. */
  codecUrl?: string;
  /** @default '127.0.0.1' */
  host?: string;
  /** File that everything is kept in; in memory where left out. */
  dbFile?: string;
  /** File that the server's own log goes to; dropped where left out. */
  logFile?: string;
  /** Variables that move the two ports, for the message about a busy one. */
  portVariables?: { port: string; uiPort: string };
}

export interface DevServer {
  /** `host:port`, for `TEMPORAL_ADDRESS`. */
  address: string;
  /** Of the Web UI; null without one. */
  uiUrl: string | null;
  pid: number;
  /** Resolves when the process has ended, asked for or not. */
  exited: Promise<void>;
  /** Ends it: SIGTERM, and SIGKILL where that has not helped after ten seconds. */
  stop(): Promise<void>;
  /** Ends it at once; what it has confirmed is in its file. */
  kill(): void;
}

/** Started in half a second on an idle machine; a busy one on its first start takes longer. */
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts `temporal server start-dev` and waits until its namespace answers.
 *
 * @throws PortInUseError before anything is started; Error with the end of the server's log where it does not come up.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { host = '127.0.0.1', port, uiPort, logFile } = options;
  const variables = options.portVariables ?? { port: 'TEMPORAL_PORT', uiPort: 'TEMPORAL_UI_PORT' };
  await assertPortFree(host, port, variables.port, "Temporal's server");
  if (uiPort !== undefined) await assertPortFree(host, uiPort, variables.uiPort, "Temporal's Web UI");

  const log = logFile === undefined ? 'ignore' : openSync(logFile, 'a');
  // Its own process group: Ctrl-C in a terminal must not reach it before the workers have handed their work over.
  const child = spawn(options.cli, serverArguments(options, host), { stdio: ['ignore', log, log], detached: true });
  endWithUs(child);
  if (typeof log === 'number') closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const server: DevServer = {
    address: `${host}:${port}`,
    uiUrl: uiPort === undefined ? null : `http://${host}:${uiPort}`,
    pid: child.pid ?? 0,
    exited,
    stop: () => stop(child, exited),
    kill: () => void child.kill('SIGKILL'),
  };
  try {
    await ready(server, child);
  } catch (error) {
    await server.stop();
    const lines = logFile === undefined ? '' : `\n${(await readFile(logFile, 'utf8')).slice(-2_000)}`;
    throw new Error(`Temporal's dev server (${options.cli}) did not start: ${(error as Error).message}${lines}`, {
      cause: error,
    });
  }
  return server;
}

function serverArguments({ port, uiPort, codecUrl, dbFile }: DevServerOptions, host: string): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    host,
    '--port',
    String(port),
    '--log-level',
    'warn',
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(codecUrl === undefined ? [] : ['--ui-codec-endpoint', codecUrl]),
    // Without the two pragmas every write waits for the disk, and short activities run three times slower.
    ...(dbFile === undefined
      ? []
      : ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...[
      // Fair between accounts; in exact order with one partition only.
      'matching.enableFairness=true',
      'matching.numTaskqueueReadPartitions=1',
      'matching.numTaskqueueWritePartitions=1',
      // All search attributes are there from the start: reading them anew for each call takes a sixth of its CPU time.
      'system.forceSearchAttributesCacheRefreshOnRead=false',
      // Its caches are made for clusters: they would keep every workflow of the last hour, in a laptop's memory.
      'history.hostLevelCacheMaxSize=256',
      'history.eventsHostLevelCacheMaxSizeBytes=4194304',
      // It would keep histories for other clusters, of which there are none.
      'history.xdcCacheMaxSizeBytes=1',
    ].flatMap((value) => ['--dynamic-config-value', value]),
  ];
}

async function ready(server: DevServer, child: ChildProcess): Promise<void> {
  let failed: Error | undefined;
  child.once('error', (error) => (failed = error));
  for (const until = Date.now() + READY_TIMEOUT_MS; Date.now() < until; await sleep(100)) {
    if (failed) throw failed;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    }
    let connection: Connection | undefined;
    try {
      connection = await Connection.connect({ address: server.address, connectTimeout: 2_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return;
    } catch {
      // Not yet.
    } finally {
      await connection?.close();
    }
  }
  throw new Error(`no answer within ${READY_TIMEOUT_MS / 1000} s`);
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const timer = sleep(STOP_TIMEOUT_MS, 'late' as const, { signal: patience.signal }).catch(() => undefined);
  if ((await Promise.race([exited, timer])) === 'late') child.kill('SIGKILL');
  patience.abort();
  await exited;
}
