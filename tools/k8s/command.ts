/**
 * `npm run check:k8s`: applies every overlay to a real kube-apiserver, with pod security admission and the custom
 * resources that the overlays use, and checks what their roles allow. A warning counts as an error. With --if-cached it
 * does so only where the programs need not be built first.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../../platform/process/run-process.ts';
import { Cluster, OPERATORS } from './cluster.ts';
import { mayNot, SERVICE_ACCOUNTS } from './permissions.ts';
import { checkScripts } from './scripts.ts';
import { crdFiles, toolsAreCached } from './tools.ts';

const K8S = fileURLToPath(new URL('../../../k8s/', import.meta.url));
const OVERLAYS = join(K8S, 'overlays');

interface Item {
  kind: string;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: { template: { metadata: { labels: Record<string, string> }; spec: object } };
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  if (process.argv.includes('--if-cached') && !(await toolsAreCached())) {
    say('kube-apiserver and etcd are not in the cache; `npm run check:k8s` builds them.');
    return 0;
  }
  // A server of its own for each: what one overlay leaves must not help another.
  for (const name of (await readdir(OVERLAYS)).toSorted()) {
    const cluster = await Cluster.start(say);
    try {
      await checkOverlay(name, cluster);
    } finally {
      await cluster.stop();
    }
  }
  say('Every overlay is accepted.');
  return 0;
}

async function checkOverlay(name: string, cluster: Cluster): Promise<void> {
  const apply = (...args: string[]) =>
    cluster.must(['apply', '--server-side', '--validate=strict', '--warnings-as-errors', ...args]);
  for (const file of await crdFiles()) await apply('-f', file);
  await cluster.must(['wait', '--for=condition=established', 'crd', '--all', '--timeout=60s']);
  await apply('-f', join(K8S, 'temporal/namespace.yaml'));
  const applied = (await apply('-k', join(OVERLAYS, name))).trim().split('\n');
  // No overlay uses it: it is there for clusters without KEDA.
  await apply('-n', 'kinora', '--dry-run=server', '-f', join(K8S, 'components/hpa/hpa.yaml'));
  const pods = await admitPods(cluster);
  say(`${name}: ${applied.length} objects accepted without a warning, ${pods} pods admitted as restricted`);
  await checkPermissions(cluster);
  say(`${name}: service accounts may nothing, ${OPERATORS} what the scripts need and no more`);
  await checkScripts(name, cluster);
  say(`${name}: deploy, status, scale-workers, rollback and version do what they say`);
  await checkRefusals(cluster);
  say(`${name}: a misspelt field, a pod of root and an old API version are refused`);
}

/** No controller makes pods here, so each template is offered as the pod that it would become. */
async function admitPods(cluster: Cluster): Promise<number> {
  const { items } = JSON.parse(await cluster.must(['-n', 'kinora', 'get', 'deployments,jobs', '-o', 'json'])) as {
    items: Item[];
  };
  for (const { kind, metadata, spec } of items) {
    const { labels } = spec.template.metadata;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${kind}-${metadata.name}`.toLowerCase(), namespace: 'kinora', labels },
      spec: spec.template.spec,
    };
    await cluster.must(
      ['create', '--dry-run=server', '--validate=strict', '--warnings-as-errors', '-f', '-'],
      JSON.stringify(pod),
    );
  }
  return items.length;
}

async function checkPermissions(cluster: Cluster): Promise<void> {
  const wrong = (await Promise.all([...SERVICE_ACCOUNTS, OPERATORS].map((who) => mayNot(cluster, who)))).flat();
  if (wrong.length > 0) throw new Error(`permissions:\n${wrong.join('\n')}`);
}

/** The check itself is checked: what must be refused is. */
async function checkRefusals(cluster: Cluster): Promise<void> {
  const container = { name: 'a', image: 'a:1' };
  const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'kinora' }, spec });
  const refused = [
    [pod({ containers: [{ ...container, livenessProbe: { httpGet: { prot: 1 } } }] }), /unknown field.*prot/],
    [pod({ containers: [{ ...container, securityContext: { runAsUser: 0 } }] }), /violates PodSecurity "restricted/],
    [
      { apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget', metadata: { name: 'a' }, spec: {} },
      /no matches for kind/,
    ],
  ] as const;
  for (const [object, why] of refused) {
    const args = ['create', '--dry-run=server', '--validate=strict', '-f', '-'];
    const { code, output } = await cluster.kubectl(args, JSON.stringify(object));
    if (code === 0 || !why.test(output)) throw new Error(`not refused for ${why}:\n${output}`);
  }
}

await runProcess(main);
