import type { NodeSettings } from './node/node.ts';

/** What the part inside the namespaces is told. */
export interface Settings extends NodeSettings {
  /** Archives of images, as `docker save` writes them. */
  images: string[];
  /** Only what has a name that this matches, as a regular expression. */
  only: string;
  /** In flight with each disturbance. */
  videos: number;
}
