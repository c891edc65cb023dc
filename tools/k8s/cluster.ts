import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../platform/http/ports.ts';
import { Kubectl } from './kubectl.ts';
import { tool } from './tools.ts';

/** The group of the people who run the service. */
export const OPERATORS = 'kinora-operators';

/** A control plane without nodes: kube-apiserver and etcd, on this machine only. It accepts or refuses; nothing runs. */
export class Cluster extends Kubectl {
  /** For kubectl: a user of the group kinora-operators. */
  readonly operator: string;
  readonly #folder: string;
  readonly #processes: ChildProcess[];

  private constructor(folder: string, kubectl: string, processes: ChildProcess[]) {
    super(kubectl, join(folder, 'kubeconfig'));
    this.#folder = folder;
    this.operator = join(folder, 'operator');
    this.#processes = processes;
  }

  /** @throws Error with the end of the server's own words where it does not start */
  static async start(tell: (line: string) => void): Promise<Cluster> {
    const [kubectl, etcd, apiServer] = [
      await tool('kubectl', tell),
      await tool('etcd', tell),
      await tool('kube-apiserver', tell),
    ];
    const folder = await mkdtemp(join(tmpdir(), 'kinora-k8s-'));
    const [client = 0, peer = 0, port = 0] = await freePorts(3);
    const at = (name: string) => join(folder, name);
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await mkdir(at('certificates'));
    await Promise.all([
      writeFile(at('key.pem'), privateKey, { mode: 0o600 }),
      writeFile(at('key.pub'), publicKey),
      writeFile(at('tokens.csv'), 'check,admin,1,system:masters\n', { mode: 0o600 }),
      writeFile(at('kubeconfig'), kubeconfigFor(port, {}), { mode: 0o600 }),
      writeFile(at('operator'), kubeconfigFor(port, { as: 'someone', 'as-groups': [OPERATORS] }), { mode: 0o600 }),
    ]);
    const url = (number: number) => `http://127.0.0.1:${number}`;
    const processes = [
      run(etcd, at('etcd.log'), {
        'data-dir': at('etcd'),
        'unsafe-no-fsync': true,
        'listen-client-urls': url(client),
        'advertise-client-urls': url(client),
        'listen-peer-urls': url(peer),
        'initial-advertise-peer-urls': url(peer),
        'initial-cluster': `default=${url(peer)}`,
      }),
      run(apiServer, at('server.log'), {
        'etcd-servers': url(client),
        'cert-dir': at('certificates'),
        'bind-address': '127.0.0.1',
        'secure-port': port,
        'advertise-address': '127.0.0.1',
        'endpoint-reconciler-type': 'none',
        'service-cluster-ip-range': '10.0.0.0/24',
        'service-account-issuer': 'https://kinora.test',
        'service-account-key-file': at('key.pub'),
        'service-account-signing-key-file': at('key.pem'),
        'token-auth-file': at('tokens.csv'),
        'authorization-mode': 'RBAC',
        // It wants a controller that makes tokens; pods without one would be refused.
        'disable-admission-plugins': 'ServiceAccount',
      }),
    ];
    const cluster = new Cluster(folder, kubectl, processes);
    for (let tries = 0; ; tries++) {
      const { code } = await cluster.kubectl(['get', '--raw', '/readyz']);
      if (code === 0) return cluster;
      if (tries > 120 || processes.some(({ exitCode }) => exitCode !== null)) {
        const log = await readFile(at('server.log'), 'utf8').catch(() => '');
        await cluster.stop();
        throw new Error(`kube-apiserver did not start:\n${log.slice(-2_000)}`);
      }
      await sleep(500);
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function run(program: string, log: string, flags: Record<string, string | number | boolean>): ChildProcess {
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // Where it cannot be run or logged, it never answers, which is said by who waits for it.
  child.on('error', () => {});
  child.stderr.pipe(createWriteStream(log).on('error', () => child.stderr.resume()));
  return child;
}

/** The server's certificate is one that it has just made itself. */
function kubeconfigFor(port: number, impersonation: Record<string, unknown>): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'check', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token: 'check', ...impersonation } }],
    contexts: [{ name: 'check', context: { cluster: 'check', user: 'admin' } }],
    'current-context': 'check',
  });
}
