import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kubectl } from '../../k8s/kubectl.ts';
import { applyAddons } from './addons.ts';
import { startControllers, startServer } from './control-plane.ts';
import { Daemons, run } from './daemons.ts';
import { kubeconfigOf, writeIdentities } from './identities.ts';
import { containerdSocket, startContainerd, startKubelet } from './kubelet.ts';
import { NODE } from './names.ts';
import type { Programs } from './programs.ts';
import { prepareSurroundings } from './surroundings.ts';

export interface NodeSettings {
  /** All that the node keeps; on a disk that can hold the images twice. */
  folder: string;
  /** Path below each hierarchy of cgroups, with a leading slash. */
  cgroup: string;
  programs: Programs;
}

/** One node of Kubernetes with its control plane, in the namespaces of this process, which has them to itself. */
export class KubernetesNode extends Kubectl {
  readonly folder: string;
  readonly programs: Programs;

  private constructor(folder: string, programs: Programs) {
    super(programs.kubectl, kubeconfigOf(folder, 'admin'));
    this.folder = folder;
    this.programs = programs;
  }

  /** @param images archives as `docker save` writes them */
  static async start({ folder, cgroup, programs }: NodeSettings, images: readonly string[]): Promise<KubernetesNode> {
    await mkdir(join(folder, 'logs'), { recursive: true });
    await prepareSurroundings(folder, cgroup);
    await writeIdentities(folder);
    const daemons = new Daemons(join(folder, 'logs'));
    const node = new KubernetesNode(folder, programs);
    await startContainerd(folder, daemons);
    await startServer(folder, programs, daemons);
    const answers = async (...args: string[]) => (await node.kubectl(args)).code === 0;
    await daemons.until('the API server is ready', () => answers('get', '--raw', '/readyz'));
    await startControllers(folder, programs, daemons);
    for (const image of images) await node.ctr('images', 'import', image);
    await startKubelet(folder, cgroup, programs, daemons);
    await daemons.until('the node is there', () => answers('get', 'node', NODE));
    await node.must(['wait', '--for=condition=Ready', `node/${NODE}`, '--timeout=180s']);
    await applyAddons(node, folder);
    return node;
  }

  /** Runs containerd's own client on the node's images. */
  ctr(...args: string[]): Promise<string> {
    return run('ctr', ['--address', containerdSocket(this.folder), '--namespace', 'k8s.io', ...args]);
  }
}
