import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseYaml } from '../harness/yaml.ts';
import type { Engine } from './engine/engine.ts';
import { ROOT } from './targets.ts';

/** Its containers are its own, beside those of `docker compose up`. */
const PROJECT = 'kinora-check';
const HEALTHY_MS = 300_000;
const POLL_MS = 500;

/** What the engine says of a container. */
export interface Container {
  name: string;
  image: string;
  status: string;
  /** Null where its image and service ask for none. */
  health: string | null;
  exitCode: number;
  readOnly: boolean;
  user: string;
}

/** The services of compose.yaml, as it has them, but not on its ports. */
export class ComposeService {
  #engine: Engine;
  readonly #files: string[];
  readonly #folder: string;
  readonly #tell: (line: string) => void;
  /** Those that are started. */
  readonly services: string[];

  private constructor(
    engine: Engine,
    folder: string,
    files: string[],
    services: string[],
    tell: (line: string) => void,
  ) {
    this.#engine = engine;
    this.#folder = folder;
    this.#files = files;
    this.services = services;
    this.#tell = tell;
  }

  /**
   * What an interrupted run left is removed first.
   *
   * @param without images that cannot be had; services that are of them are not started
   */
  static async open(engine: Engine, without: readonly string[], tell: (line: string) => void): Promise<ComposeService> {
    const { services } = parseYaml<{ services: Services }>(await readFile(join(ROOT, 'compose.yaml'), 'utf8'));
    const wanted = Object.entries(services).filter(([, { image }]) => !without.includes(image));
    const folder = await mkdtemp(join(tmpdir(), 'kinora-compose-'));
    const further = join(folder, 'network.yaml');
    await writeFile(further, freePorts(services) + (engine.own ? NO_RESOLVER : ''));
    const files = [join(ROOT, 'compose.yaml'), further];
    const names = wanted.map(([name]) => name);
    const service = new ComposeService(engine, folder, files, names, tell);
    await service.#compose('down', '--volumes', '--timeout', '1');
    return service;
  }

  /** Starts what is not running, and waits until all is healthy, and what has to end has ended well. */
  async up(): Promise<void> {
    await this.#compose('up', '--detach', '--no-build', '--pull', 'never', ...this.services);
    for (const end = Date.now() + HEALTHY_MS; ; await sleep(POLL_MS)) {
      const containers = await Promise.all(this.services.map((name) => this.container(name)));
      const waiting = containers.filter(
        ({ status, health, exitCode }) =>
          !(status === 'running' && (health ?? 'healthy') === 'healthy') && !(status === 'exited' && exitCode === 0),
      );
      if (waiting.length === 0) return;
      if (Date.now() < end) continue;
      const states = waiting.map(({ name, status, health, exitCode }) => `${name} ${status} ${health} ${exitCode}`);
      const logs = await Promise.all(waiting.map(({ name }) => this.log(name)));
      throw new Error(`not healthy: ${states.join(', ')}\n${logs.map((log) => log.slice(-2_000)).join('\n')}`);
    }
  }

  async container(service: string): Promise<Container> {
    const [found] = JSON.parse(await this.#engine.docker(['container', 'inspect', this.#id(service)])) as [Inspected];
    return {
      name: service,
      image: found.Config.Image,
      status: found.State.Status,
      health: found.State.Health?.Status ?? null,
      exitCode: found.State.ExitCode,
      readOnly: found.HostConfig.ReadonlyRootfs,
      user: found.Config.User,
    };
  }

  /** Where a port of a service is reached from here, as `http://host:port`. */
  async address(service: string, port: number): Promise<string> {
    const said = await this.#compose('port', service, String(port));
    return `http://${said.trim()}`;
  }

  /** Runs a program in a service's container. @throws Error where it fails */
  exec(service: string, ...command: string[]): Promise<string> {
    return this.#engine.docker(['exec', this.#id(service), ...command]);
  }

  /** All that a service has said, over every start of its container. */
  async log(service: string): Promise<string> {
    return this.#engine.docker(['container', 'logs', this.#id(service)], { withErrors: true });
  }

  /** As `docker stop` does it, with the service's own grace. @returns seconds that it took */
  async stop(service: string): Promise<number> {
    const begin = performance.now();
    await this.#compose('stop', service);
    return (performance.now() - begin) / 1000;
  }

  async start(service: string): Promise<void> {
    await this.#compose('start', service);
  }

  /**
   * Removes containers, networks and volumes.
   *
   * @param engine the same one, which may have to do it after the command was told to stop
   */
  async close(engine: Engine): Promise<void> {
    this.#engine = engine;
    await this.#compose('down', '--volumes', '--timeout', '5');
    await rm(this.#folder, { recursive: true, force: true });
  }

  #id(service: string): string {
    return `${PROJECT}-${service}-1`;
  }

  #compose(...args: string[]): Promise<string> {
    const files = this.#files.flatMap((file) => ['--file', file]);
    const options = ['--project-name', PROJECT, '--project-directory', ROOT, '--progress', 'quiet'];
    // What it says of a port is its answer.
    return this.#engine.compose([...files, ...options, ...args], args[0] === 'port' ? undefined : this.#tell);
  }
}

type Services = Record<string, { image: string; ports?: string[] }>;

interface Inspected {
  Config: { Image: string; User: string };
  State: { Status: string; ExitCode: number; Health?: { Status: string } };
  HostConfig: { ReadonlyRootfs: boolean };
}

/** A further file for Compose, in which the engine chooses the ports of this machine. */
function freePorts(services: Services): string {
  const lines = Object.entries(services).flatMap(([name, { ports = [] }]) => {
    const free = ports.map((port) => `'127.0.0.1::${port.split(':').at(-1)}'`);
    return free.length === 0 ? [] : [`  ${name}: { ports: !override [${free.join(', ')}] }\n`];
  });
  return `services:\n${lines.join('')}`;
}

/**
 * More of it for an engine of our own, which leads nothing out of its networks: the records beside addresses that Go's gRPC asks
 * for would never be answered, and it would wait.
 */
const NO_RESOLVER = "  temporal-namespace: { environment: { TEMPORAL_ADDRESS: 'passthrough:///temporal:7233' } }\n";
