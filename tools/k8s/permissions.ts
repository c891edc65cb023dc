import { type Cluster, OPERATORS } from './cluster.ts';

/** Kinora's own service accounts. */
export const SERVICE_ACCOUNTS = ['api', 'cpu-worker', 'gpu-worker', 'weights'].map(
  (name) => `system:serviceaccount:kinora:${name}`,
);

/** What status, scale-workers and rollback do. */
const NEEDED = [
  'list pods',
  'get pods/log',
  'list deployments.apps',
  'list jobs.batch',
  'list persistentvolumeclaims',
  'list horizontalpodautoscalers.autoscaling',
  'list events',
  'list replicasets.apps',
  'patch deployments.apps/gpu-worker',
  'patch deployments.apps/gpu-worker --subresource=scale',
  'patch scaledobjects.keda.sh/gpu-worker',
];

/** What would let a user read secrets, run things, or take more rights. */
const FORBIDDEN = [
  'get secrets',
  'list secrets',
  'create pods',
  'create pods/exec',
  'create pods/attach',
  'create pods/portforward',
  'create pods/ephemeralcontainers',
  'delete pods',
  'create deployments.apps',
  'delete deployments.apps',
  'patch deployments.apps/other',
  'create jobs.batch',
  'create serviceaccounts/token',
  'create rolebindings.rbac.authorization.k8s.io',
  'patch roles.rbac.authorization.k8s.io',
  'escalate roles.rbac.authorization.k8s.io',
  'impersonate users',
  'delete persistentvolumeclaims',
  'patch networkpolicies.networking.k8s.io',
  'patch configmaps',
];

/**
 * Asks the server, as another user, about everything that matters.
 *
 * @param who a service account, or the group of operators
 * @returns a sentence for each right that is missing or too much
 */
export async function mayNot(cluster: Cluster, who: string): Promise<string[]> {
  const isGroup = who === OPERATORS;
  const as = isGroup ? ['--as=someone', `--as-group=${who}`] : [`--as=${who}`];
  const wrong: string[] = [];
  for (const [question, expected] of [
    ...NEEDED.map((needed) => [needed, isGroup] as const),
    ...FORBIDDEN.map((forbidden) => [forbidden, false] as const),
  ]) {
    const { output } = await cluster.kubectl(['-n', 'kinora', 'auth', 'can-i', ...as, ...question.split(' ')]);
    const allowed = /^yes$/m.test(output);
    if (!allowed && !/^no\b/m.test(output)) throw new Error(`auth can-i ${question}: ${output}`);
    if (allowed !== expected) wrong.push(`${who} ${allowed ? 'may' : 'may not'} ${question}`);
  }
  const elsewhere = await cluster.kubectl(['-n', 'default', 'auth', 'can-i', ...as, 'list', 'pods']);
  if (/^yes$/m.test(elsewhere.output)) wrong.push(`${who} may list pods of other namespaces`);
  return wrong;
}
