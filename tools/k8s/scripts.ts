import { execFile } from 'node:child_process';
import { dirname, delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from './cluster.ts';
import { commandBlocks, operatingPage } from './operating.ts';
import { withComponent } from './with-component.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Runs the scripts against the server: `deploy --dry-run` as its administrator, the others, and what docs/operating.md
 * has for clusters, as one of the operators.
 *
 * @throws Error with what a script said where it fails, or does something else than it should
 */
export async function checkScripts(overlay: string, cluster: Cluster): Promise<void> {
  const execute = (kubeconfig: string, program: string, ...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      const PATH = `${dirname(cluster.program)}${delimiter}${process.env['PATH']}`;
      const options = { cwd: ROOT, env: { ...process.env, PATH, KUBECONFIG: kubeconfig } };
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`));
        else resolve(stdout + stderr);
      });
    });
  const run = (kubeconfig: string, script: string, ...args: string[]) => execute(kubeconfig, `k8s/${script}`, ...args);
  const says = async (said: Promise<string>, wanted: RegExp) => {
    const text = await said;
    if (!wanted.test(text)) throw new Error(`a script said, in place of ${wanted}:\n${text}`);
  };
  const { kubeconfig, operator } = cluster;

  await run(kubeconfig, 'deploy', overlay, '--dry-run');
  await says(run(operator, 'status'), /== get deployments[^]*gpu-worker[^]*== get events/);
  const scale = () =>
    cluster.must(['-n', 'kinora', 'get', 'deployments,scaledobjects.keda.sh', '-o', 'jsonpath={.items[*].spec}']);
  const before = await scale();
  await says(run(operator, 'scale-workers', '3', '--dry-run'), /gpu-worker (scaled|patched)/);
  if ((await scale()) !== before) throw new Error('scale-workers --dry-run has changed something');
  await says(run(operator, 'scale-workers', '3', 'cpu'), /cpu-worker scaled/);
  await says(
    cluster.must(['-n', 'kinora', 'get', 'deployment', 'cpu-worker', '-o', 'jsonpath={.spec.replicas}']),
    /^3$/,
  );
  await recordVersions(cluster, 'gpu-worker');
  await says(run(operator, 'rollback', 'gpu-worker', '--dry-run'), /gpu-worker rolled back.*dry run/);

  for (const { where, commands } of commandBlocks(await operatingPage())) {
    // Nothing here makes the rollout that a rollback waits for.
    const here = commands.replace(/^k8s\/rollback .*/gm, '$& --dry-run');
    if (where === 'kubernetes') await execute(operator, 'bash', '-euc', here);
  }
  const strictly = ['apply', '--server-side', '--validate=strict', '--warnings-as-errors'];
  await withComponent(overlay, 'versions', (folder) => cluster.must([...strictly, '--force-conflicts', '-k', folder]));
  await says(run(kubeconfig, 'version', 'start', '9.9.9', '2'), /cpu-worker-9-9-9 created[^]*gpu-worker-9-9-9 created/);
  const beside = ['-n', 'kinora', 'get', 'deployment', 'gpu-worker-9-9-9', '-o'];
  const image = '{.spec.template.spec.containers[0].image} {.spec.replicas}';
  await says(cluster.must([...beside, `jsonpath=${image}`]), /:9\.9\.9 2$/);
  await says(run(kubeconfig, 'version', 'stop', '9.9.9'), /gpu-worker-9-9-9" deleted/);
}

interface Deployment {
  metadata: { name: string; uid: string };
  spec: { selector: object; template: { metadata: { labels: Record<string, string> }; spec: object } };
}

/** Makes the two ReplicaSets that the missing controller would have made for two versions of a deployment. */
async function recordVersions(cluster: Cluster, name: string): Promise<void> {
  const text = await cluster.must(['-n', 'kinora', 'get', 'deployment', name, '-o', 'json']);
  const { metadata, spec } = JSON.parse(text) as Deployment;
  for (const revision of ['1', '2']) {
    const labels = { ...spec.template.metadata.labels, 'pod-template-hash': revision };
    const annotations = { revision };
    const replicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${revision}`,
        namespace: 'kinora',
        labels,
        annotations: { 'deployment.kubernetes.io/revision': revision },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid: metadata.uid, controller: true }],
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations }, spec: spec.template.spec },
      },
    };
    await cluster.must(['create', '-f', '-'], JSON.stringify(replicaSet));
  }
}
