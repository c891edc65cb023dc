import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { tieChildLifetime } from '../../../platform/process/tie-child-lifetime.ts';
import { composeProgram } from './compose-program.ts';
import { dockerPrograms, onPath } from './docker-programs.ts';

/** No engine can be had; the message says why. */
export class NoEngineError extends Error {
  override readonly name = 'NoEngineError';
}

export interface RunOptions {
  /** Of the command's standard input. @default none */
  input?: string;
  /** Is given what it says, line by line. @default nobody is told */
  tell?: (line: string) => void;
  /** Whether what it writes to its standard error belongs to the answer. @default false */
  withErrors?: boolean;
}

/** How long the daemon may take to answer, and to end, in ms. */
const START_MS = 60_000;
const END_MS = 60_000;

/** A container engine: the one that DOCKER_HOST names, else one of our own, in folders of its own. */
export class Engine {
  /** Whether it was started here, and ends with this process. */
  readonly own: boolean;
  readonly #client: string;
  readonly #env: NodeJS.ProcessEnv;
  /** Ends what it is told to do. */
  readonly signal: AbortSignal;
  readonly #daemon: Daemon | null;
  #compose: string[] | null = null;

  private constructor(client: string, env: NodeJS.ProcessEnv, signal: AbortSignal, daemon: Daemon | null) {
    this.own = daemon !== null;
    this.#client = client;
    this.#env = { ...env, DOCKER_BUILDKIT: '1', COMPOSE_BAKE: 'false' };
    this.signal = signal;
    this.#daemon = daemon;
  }

  /**
   * An engine of our own keeps its images in the cache, changes no firewall and makes no bridge of its own; builds use this
   * machine's network. No other engine is touched unless DOCKER_HOST names it.
   *
   * @param signal ends what it is told to do, but not the engine
   * @throws NoEngineError
   */
  static async start(signal: AbortSignal, env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
    if (env['DOCKER_HOST']) {
      const client = await onPath('docker', env);
      if (client === null) throw new NoEngineError('DOCKER_HOST is set, and there is no docker on PATH');
      const engine = new Engine(client, env, signal, null);
      await engine.docker(['version']).catch((error: Error) => {
        throw new NoEngineError(`the engine of DOCKER_HOST does not answer: ${error.message}`);
      });
      return engine;
    }
    if (process.platform !== 'linux' || process.getuid?.() !== 0) {
      throw new NoEngineError('DOCKER_HOST names none, and only root on Linux can start one');
    }
    const programs = await dockerPrograms().catch((error: Error) => {
      throw new NoEngineError(`Docker could not be had: ${error.message}`);
    });
    const daemon = await Daemon.start(programs.daemon, programs.env);
    const its = { ...programs.env, DOCKER_HOST: daemon.host, DOCKER_CONFIG: daemon.folder };
    const engine = new Engine(programs.client, its, signal, daemon);
    try {
      await daemon.untilReady(() => engine.docker(['version']));
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return engine;
  }

  /** Runs Docker's client. @returns what it wrote @throws Error with the end of what it said where it fails */
  docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.#run([this.#client, ...args], options);
  }

  /** Runs Docker Compose, which may have to be built first. @throws as {@link docker} */
  async compose(args: readonly string[], tell: (line: string) => void = () => {}): Promise<string> {
    this.#compose ??= await composeProgram(this.#client, tell, this.signal);
    return this.#run([...this.#compose, ...args], { tell });
  }

  /** Whether it has an image. */
  has(image: string): Promise<boolean> {
    return this.docker(['image', 'inspect', image]).then(
      () => true,
      () => false,
    );
  }

  /** The same engine for cleaning up, also after the signal. */
  get afterwards(): Engine {
    return new Engine(this.#client, this.#env, new AbortController().signal, this.#daemon);
  }

  /** Ends it with all of its containers, where it was started here. */
  async stop(): Promise<void> {
    await this.#daemon?.stop();
  }

  async #run([program, ...args]: string[], { input, tell, withErrors = false }: RunOptions): Promise<string> {
    const child = spawn(program!, args, { env: this.#env, signal: this.signal, stdio: 'pipe' });
    child.stdin.on('error', () => {}).end(input ?? '');
    let out = '';
    let said = '';
    const listen = (stream: NodeJS.ReadableStream, keep: (text: string) => void) =>
      stream.setEncoding('utf8').on('data', (text: string) => {
        keep(text);
        said = (said + text).slice(-4_000);
        if (tell) for (const line of text.split('\n')) if (line.trim() !== '') tell(line);
      });
    listen(child.stdout, (text) => (out += text));
    listen(child.stderr, (text) => (out += withErrors ? text : ''));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}:\n${said}`);
    return out;
  }
}

/** dockerd, which ends with this process, even if that is killed. */
class Daemon {
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.#child = child;
    this.#ended = once(child, 'exit').catch(() => {});
  }

  get host(): string {
    return `unix://${this.folder}/docker.sock`;
  }

  static async start(program: string, env: NodeJS.ProcessEnv): Promise<Daemon> {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-engine-'));
    const kept = join(cacheFolder(), 'engine');
    await mkdir(kept, { recursive: true });
    const config = {
      'data-root': kept,
      // Two daemons on the same images would destroy them: the second one finds this file, and ends.
      pidfile: join(kept, 'pid'),
      'exec-root': join(folder, 'exec'),
      hosts: [`unix://${folder}/docker.sock`],
      bridge: 'none',
      iptables: false,
      'ip-forward': false,
      'ip-masq': false,
      builder: { gc: { enabled: true, defaultKeepStorage: '12GB' } },
    };
    await writeFile(join(folder, 'daemon.json'), JSON.stringify(config));
    const log = await open(join(folder, 'daemon.log'), 'a');
    const child = spawn(program, ['--config-file', join(folder, 'daemon.json')], {
      env,
      stdio: ['ignore', log.fd, log.fd],
      // Ctrl-C is for this command, which ends it when its containers are gone.
      detached: true,
    });
    await log.close();
    const daemon = new Daemon(folder, child);
    tieChildLifetime(child);
    return daemon;
  }

  /** @throws NoEngineError with the end of its log */
  async untilReady(ask: () => Promise<unknown>): Promise<void> {
    for (const end = Date.now() + START_MS; ; await sleep(250)) {
      const answers = await ask().then(
        () => true,
        () => false,
      );
      if (answers) return;
      if (Date.now() < end && this.#child.exitCode === null) continue;
      const log = await readFile(join(this.folder, 'daemon.log'), 'utf8').catch(() => '');
      throw new NoEngineError(`dockerd did not start: ${log.trim().split('\n').slice(-5).join('\n')}`);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await Promise.race([this.#ended, sleep(END_MS, undefined, { ref: false })]);
      this.#child.kill('SIGKILL');
      await this.#ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
