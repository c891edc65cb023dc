import { pauses } from '../../harness/patience.ts';
import type { KubernetesNode } from '../node/node.ts';
import { runScript } from '../node/scripts.ts';
import { allReady, applyOverlay } from '../service/deploy.ts';
import type { Disturbance } from './disturbance.ts';

/** What the component `versions` says, and the version beside it. */
const OLD = '0.1.0';
const NEW = '0.2.0';
const IMAGES = ['kinora-cpu-worker', 'kinora-gpu-worker-on-cpu'];
/** Temporal may not have heard yet of workers that have just begun. */
const PATIENCE_MS = 60_000;

/** Half of the videos begin with a new version; in their middle it gets the others too, and then none any more. */
export const canary: Disturbance = {
  name: 'canary, current, and back',
  redone: 0,
  prepare: async (node) => {
    for (const image of IMAGES) {
      await node.ctr('images', 'tag', `docker.io/library/${image}:dev`, `docker.io/library/${image}:${NEW}`);
    }
    await applyOverlay(node, ['versions']);
    await allReady(node);
    await version(node, 'current', OLD);
    await version(node, 'start', NEW, '1');
    const beside = NEW.replaceAll('.', '-');
    await allReady(node, [`cpu-worker-${beside}`, `gpu-worker-${beside}`]);
    await version(node, 'canary', NEW, '50');
  },
  happen: async (node) => {
    await version(node, 'current', NEW);
    await version(node, 'current', OLD);
  },
  finish: (node) => version(node, 'stop', NEW),
};

async function version(node: KubernetesNode, ...args: string[]): Promise<void> {
  const address = await node.must(['-n', 'kinora', 'get', 'service', 'temporal', '-o', 'jsonpath={.spec.clusterIP}']);
  const env = {
    TEMPORAL_ADDRESS: `${address}:7233`,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CLI: node.programs.temporal,
  };
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ; await pause()) {
    try {
      await runScript(node, ['version', ...args], env);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
