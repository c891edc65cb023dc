import { type ChildProcess, spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { serverArguments } from './arguments.ts';
import { tieChildLifetime } from '../../platform/process/tie-child-lifetime.ts';
import { ensureHome } from '../../platform/process/home.ts';
import type { LogFile } from '../../platform/log/log-file.ts';
import { assertPortFree } from '../../platform/http/ports.ts';
import { UnfinishedDatabase } from './unfinished-database.ts';
import { hiddenAddress, startUiFront } from './ui-front.ts';

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
  /** Where the server's own log goes to; dropped where left out. */
  log?: LogFile;
  /** Another address under which people reach the Web UI, e.g. that of a reverse proxy. */
  uiPublicUrl?: string;
  /** Gives up while it is starting. */
  signal?: AbortSignal;
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
const ASK_TIMEOUT_MS = 2_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts `temporal server start-dev` and waits until its namespace answers. Its HTTP API, which asks for no key, is
 * closed, and its Web UI answers only itself.
 *
 * @throws PortInUseError before anything is started; Error with the end of the server's log where it does not come up.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { host = '127.0.0.1', port, uiPort, dbFile, log, signal } = options;
  const variables = options.portVariables ?? { port: 'TEMPORAL_PORT', uiPort: 'TEMPORAL_UI_PORT' };
  await assertPortFree(host, port, variables.port, "Temporal's server");
  if (uiPort !== undefined) await assertPortFree(host, uiPort, variables.uiPort, "Temporal's Web UI");
  // A process that cannot be started in its folder is said not to be there itself.
  if (dbFile !== undefined) await access(dirname(dbFile));
  const database = dbFile === undefined ? null : new UnfinishedDatabase(dbFile);
  const ui = uiPort === undefined ? null : await hiddenAddress(port);
  await database?.begin();
  signal?.throwIfAborted();
  const closeFront = ui && (await startUiFront({ host, port: uiPort!, ui, publicUrl: options.uiPublicUrl }));

  // Its own process group: Ctrl-C in a terminal must not reach it before the workers have handed their work over.
  const child = spawnPrivately(resolve(options.cli), serverArguments(options, host, ui), dbFile && dirname(dbFile));
  tieChildLifetime(child);
  let lastWords = '';
  for (const output of [child.stdout!, child.stderr!]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log?.write(text);
      lastWords = (lastWords + text).slice(-2_000);
    });
  }
  const exited = new Promise<void>((resolved) => {
    child.once('close', () => resolved());
    child.once('error', () => resolved());
  }).then(() => closeFront?.());
  const server: DevServer = {
    address: `${host}:${port}`,
    uiUrl: uiPort === undefined ? null : `http://${host}:${uiPort}`,
    pid: child.pid ?? 0,
    exited,
    stop: () => stop(child, exited),
    kill: () => void child.kill('SIGKILL'),
  };
  try {
    await ready(server, child, signal);
    await database?.finish();
  } catch (error) {
    await server.stop();
    const said = `Temporal's dev server (${options.cli}) did not start: ${(error as Error).message}\n${lastWords}`;
    throw new Error(said.trim(), { cause: error });
  }
  return server;
}

/** What it makes, its database above all, is for this user alone. */
function spawnPrivately(program: string, args: string[], cwd: string | undefined): ChildProcess {
  const env = { ...process.env };
  ensureHome(env);
  const umask = process.umask(0o077);
  try {
    return spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  } finally {
    process.umask(umask);
  }
}

async function ready(server: DevServer, child: ChildProcess, signal?: AbortSignal): Promise<void> {
  let failed: Error | undefined;
  child.once('error', (error) => (failed = error));
  for (const until = Date.now() + READY_TIMEOUT_MS; Date.now() < until; await sleep(100)) {
    signal?.throwIfAborted();
    if (failed) throw failed;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    }
    let connection: Connection | undefined;
    try {
      connection = await Connection.connect({ address: server.address, connectTimeout: ASK_TIMEOUT_MS });
      const { workflowService } = connection;
      await connection.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
        workflowService.describeNamespace({ namespace: 'default' }),
      );
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
