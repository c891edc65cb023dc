import { access, readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../temporal/cache.ts';
import { goBuild } from '../../temporal/go-build.ts';

const MODULE = fileURLToPath(new URL('../../../k8s/check/tools/', import.meta.url));
const PACKAGES = {
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  etcd: 'go.etcd.io/etcd/server/v3',
};
export type Tool = keyof typeof PACKAGES;

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
 * A program of Kubernetes, from the cache, else built into it by Go: kube-apiserver takes some minutes, the others less.
 *
 * @param tell is given what people should read while it is built
 * @returns its path
 */
export async function tool(name: Tool, tell: (line: string) => void): Promise<string> {
  const path = join(await toolFolder(), name);
  if (await exists(path)) return path;
  const progress = (elapsedS: number) => tell(`building ${name} with Go, ${elapsedS} s`);
  await goBuild({ module: MODULE, package: PACKAGES[name], output: path, progress });
  return path;
}

/** Whether none would have to be built. */
export async function toolsAreCached(): Promise<boolean> {
  const folder = await toolFolder();
  return (await Promise.all(Object.keys(PACKAGES).map((name) => exists(join(folder, name))))).every(Boolean);
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

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
