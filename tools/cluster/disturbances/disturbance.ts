import type { KubernetesNode } from '../node/node.ts';

type Act = (node: KubernetesNode) => Promise<void>;

/** Something that happens to a cluster every now and then. */
export interface Disturbance {
  name: string;
  /** The most steps that it may cost: none where workers are asked to end, those since the last checkpoint otherwise. */
  redone: number;
  /** Before there are videos. */
  prepare?: Act;
  /** In the middle of one; waits until the cluster has what it should have again. @throws where that does not come */
  happen: Act;
  /** Once all videos have ended. */
  finish?: Act;
}
