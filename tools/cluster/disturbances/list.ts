import { NODE } from '../node/names.ts';
import type { KubernetesNode } from '../node/node.ts';
import { runScript } from '../node/scripts.ts';
import { allReady, CHECKPOINT_STEPS, DEPLOYMENTS } from '../service/deploy.ts';
import { canary } from './canary.ts';
import type { Disturbance } from './disturbance.ts';

const PROCESSES = ['api', 'cpu-worker', 'gpu-worker'] as const;

const inKinora = (node: KubernetesNode, ...args: string[]) => node.must(['-n', 'kinora', ...args]);

const restart = (name: (typeof DEPLOYMENTS)[number]): Disturbance => ({
  name: `rollout restart ${name}`,
  // Without Temporal or the store a worker's progress cannot be kept.
  redone: name === 'temporal' || name === 's3' ? CHECKPOINT_STEPS : 0,
  happen: async (node) => {
    await inKinora(node, 'rollout', 'restart', `deployment/${name}`);
    await allReady(node);
  },
});

const kill = (name: (typeof PROCESSES)[number]): Disturbance => ({
  name: `delete pod --force ${name}`,
  redone: name === 'gpu-worker' ? CHECKPOINT_STEPS : 0,
  happen: async (node) => {
    await inKinora(node, 'delete', 'pod', '-l', `app.kubernetes.io/name=${name}`, '--grace-period=0', '--force');
    await allReady(node);
  },
});

const drain: Disturbance = {
  name: 'drain',
  redone: CHECKPOINT_STEPS,
  happen: async (node) => {
    // --force: nothing makes the pod weights-loader again, and nobody needs it any more.
    await node.must(['drain', NODE, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=300s']);
    await node.must(['uncordon', NODE]);
    await allReady(node);
  },
};

const scale: Disturbance = {
  name: 'scale-workers 2, then 1',
  redone: 0,
  happen: async (node) => {
    for (const count of ['2', '1']) {
      for (const kind of ['gpu', 'cpu']) await runScript(node, ['scale-workers', count, kind]);
      await allReady(node);
    }
  },
};

const rollback: Disturbance = {
  name: 'rollback',
  redone: 0,
  prepare: async (node) => {
    for (const name of PROCESSES) await inKinora(node, 'set', 'env', `deployment/${name}`, 'LOG_LEVEL=trace');
    await allReady(node);
  },
  happen: async (node) => void (await runScript(node, ['rollback'])),
};

/** All that is done to the cluster, in this order. */
export const DISTURBANCES: readonly Disturbance[] = [
  ...DEPLOYMENTS.toReversed().map(restart),
  ...PROCESSES.map(kill),
  drain,
  scale,
  rollback,
  // Last: workers that have told Temporal of their version cannot be replaced by ones without.
  canary,
];
