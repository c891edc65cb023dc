import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../node/daemons.ts';
import type { KubernetesNode } from '../node/node.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const DEPLOYMENTS = ['temporal', 's3', 'api', 'cpu-worker', 'gpu-worker'] as const;

/** Steps between two checkpoints: what a crash may cost. */
export const CHECKPOINT_STEPS = 10;
/** Every step is in the log; checkpoints come by steps, as those of short videos would never come by time. */
const SETTINGS = ['LOG_LEVEL=debug', `CHECKPOINT_STEPS=${CHECKPOINT_STEPS}`];

/** Deploys the overlay `local` as docs/kubernetes.md says, and waits until every pod is ready. */
export async function deploy(node: KubernetesNode): Promise<void> {
  const secret = ['S3_ACCESS_KEY_ID=kinora', 'S3_SECRET_ACCESS_KEY=kinora-local'];
  await node.must(['create', 'namespace', 'kinora']);
  const literals = secret.map((value) => `--from-literal=${value}`);
  await node.must(['-n', 'kinora', 'create', 'secret', 'generic', 'kinora-s3', ...literals]);
  await applyOverlay(node, []);
  await node.must(['-n', 'kinora', 'wait', '--for=condition=Ready', 'pod/weights-loader', '--timeout=180s']);
  await node.must(['cp', join(ROOT, 'gpu-worker/models/mochi-tiny'), 'kinora/weights-loader:/models/model']);
  await allReady(node);
}

/** Applies the overlay `local`, with components more, and the settings of this check. */
export async function applyOverlay(node: KubernetesNode, components: readonly string[]): Promise<void> {
  const folder = join(await realpath(node.folder), 'overlay');
  // Kustomize takes no absolute paths.
  const to = (path: string) => relative(folder, join(ROOT, 'k8s', path));
  await mkdir(folder, { recursive: true });
  const kustomization = {
    namespace: 'kinora',
    resources: [to('overlays/local')],
    components: components.map((name) => to(`components/${name}`)),
    configMapGenerator: [{ name: 'kinora', behavior: 'merge', literals: SETTINGS }],
  };
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  await node.must(['apply', '-k', folder]);
}

/** @throws where one is not ready in time, with what the cluster says about its pods */
export async function allReady(node: KubernetesNode, names: readonly string[] = DEPLOYMENTS): Promise<void> {
  for (const name of names) {
    const status = ['-n', 'kinora', 'rollout', 'status', `deployment/${name}`, '--timeout=300s'];
    const { code, output } = await node.kubectl(status);
    if (code === 0) continue;
    const pods = await node.kubectl(['-n', 'kinora', 'describe', 'pods', '-l', `app.kubernetes.io/name=${name}`]);
    throw new Error(`${output}\n${pods.output.slice(-3_000)}`);
  }
}

/**
 * Lets this process reach the Service by its name.
 *
 * @returns its address
 */
export async function serviceUrl(node: KubernetesNode): Promise<string> {
  const address = await node.must(['-n', 'kinora', 'get', 'service', 'api', '-o', 'jsonpath={.spec.clusterIP}']);
  const hosts = join(node.folder, 'hosts');
  await writeFile(hosts, `127.0.0.1 localhost\n${address} api.kinora.svc\n`);
  await run('mount', ['--bind', hosts, '/etc/hosts']);
  return 'http://api.kinora.svc';
}
