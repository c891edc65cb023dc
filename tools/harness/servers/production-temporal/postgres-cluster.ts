import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../../../../platform/http/ports.ts';
import { askPostgres, type PostgresSocket, USER } from './ask-postgres.ts';
import { endWithThisProcess } from './end-with-this-process.ts';
import { findPostgres, type PostgresPrograms, postgresUser, type SystemUser } from './postgres-programs.ts';

const run = promisify(execFile);

/** A Temporal server may keep 120, and many run at once. */
const CONNECTIONS = 1_000;
const READY_TIMEOUT_MS = 60_000;

/**
 * A PostgreSQL cluster of its own, in a folder of the system's one for temporary files. As in production, nothing that it has
 * confirmed is lost where it is killed. It ends with this process, whatever ends that, and its folder is removed.
 */
export class PostgresCluster {
  readonly folder: string;
  /** On 127.0.0.1, where a password is asked for. Its socket asks for none: its folder is for its user and root alone. */
  readonly port: number;
  readonly #programs: PostgresPrograms;
  readonly #user: SystemUser;
  readonly #log: string;
  readonly #end: () => Promise<void>;
  #child: ChildProcess | null = null;

  private constructor(folder: string, port: number, programs: PostgresPrograms, user: SystemUser, log?: string) {
    this.folder = folder;
    this.port = port;
    this.#programs = programs;
    this.#user = user;
    this.#log = log ?? join(folder, 'log');
    this.#end = endWithThisProcess(folder, this.data, programs.pg_ctl, user);
  }

  /**
   * Makes one, which is not started yet.
   *
   * @param template files of one that was shut down. @default none: it has no databases
   * @param log file that what it says is added to. @default one in its folder
   * @throws UserError where PostgreSQL is not installed
   */
  static async make(template?: string, log?: string): Promise<PostgresCluster> {
    const [programs, user] = await Promise.all([findPostgres(), postgresUser()]);
    const [port = 0] = await freePorts(1);
    const folder = await mkdtemp(join(tmpdir(), 'kinora-postgres-'));
    if (user.uid !== undefined) await chown(folder, user.uid, user.gid!);
    const cluster = new PostgresCluster(folder, port, programs, user, log);
    try {
      if (template === undefined) await cluster.#initialise();
      else await run('cp', ['-a', template, cluster.data]);
      return cluster;
    } catch (error) {
      await cluster.remove();
      throw error;
    }
  }

  /** Folder of its files. */
  get data(): string {
    return join(this.folder, 'data');
  }

  get socket(): PostgresSocket {
    return { psql: this.#programs.psql, folder: this.folder, port: this.port };
  }

  /**
   * Starts it, also again after its end, and waits until it answers.
   *
   * @throws with what it says where it does not come up
   */
  async start(): Promise<{ pid: number; exited: Promise<unknown> }> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.port,
      unix_socket_directories: this.folder,
      max_connections: CONNECTIONS,
      // In its folder, so that one that was killed leaves none behind.
      dynamic_shared_memory_type: 'mmap',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = await open(this.#log, 'a');
    const child = spawn(this.#programs.postgres, ['-D', this.data, ...args], {
      ...this.#user,
      cwd: this.folder,
      stdio: ['ignore', log.fd, log.fd],
      // Ctrl-C in a terminal must not reach it before the servers that need it.
      detached: true,
    });
    const exited = once(child, 'exit');
    await log.close();
    this.#child = child;
    for (const until = Date.now() + READY_TIMEOUT_MS; ; await sleep(50)) {
      const failure = await this.ask('postgres', 'select 1').then(
        () => null,
        (error: Error) => error,
      );
      if (failure === null) {
        // What has nothing else to do may end, and this with it.
        child.unref();
        return { pid: child.pid!, exited };
      }
      if (!hasEnded(child) && Date.now() < until) continue;
      child.kill('SIGKILL');
      throw new Error(`PostgreSQL did not start, see ${this.#log}: ${failure.message}`);
    }
  }

  /** Runs SQL as its superuser, see {@link askPostgres}. */
  ask(database: string, ...statements: string[]): Promise<string> {
    return askPostgres(this.socket, database, ...statements);
  }

  /** Gives its superuser another password, for connections over TCP. */
  async newPassword(): Promise<string> {
    const password = randomBytes(16).toString('hex');
    await this.ask('postgres', `alter role ${USER} password '${password}'`);
    return password;
  }

  /** Ends it in good order: then its files are a template. */
  async shutDown(): Promise<void> {
    const child = this.#child;
    if (child === null || hasEnded(child)) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    await exited;
  }

  /** Ends it at once, and removes everything that it has kept. */
  remove(): Promise<void> {
    return this.#end();
  }

  async #initialise(): Promise<void> {
    const access = ['--auth-local=trust', '--auth-host=scram-sha-256', `--username=${USER}`];
    const args = ['--pgdata', this.data, '--encoding=UTF8', '--no-locale', ...access];
    await run(this.#programs.initdb, args, { ...this.#user, cwd: this.folder });
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
