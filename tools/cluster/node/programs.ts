import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { goBuild } from '../../../platform/fetch/go-build.ts';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { versitygw } from '../../harness/servers/s3-server.ts';
import { tool, type Tool } from '../../k8s/tools.ts';

/** Programs of a node beside Kubernetes' own: each a Go module in a folder beside this one, its version as in go.mod. */
const MODULES = {
  coredns: { package: '.', version: '1.13.2' },
};

const KUBERNETES = [
  'kubectl',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
] as const satisfies readonly Tool[];

/** Paths of all that runs on the node. */
export type Programs = Record<(typeof KUBERNETES)[number] | keyof typeof MODULES | 'versitygw' | 'temporal', string>;

/**
 * Every program of the node, from the cache, else built into it by Go: some twenty minutes of two cores the first time.
 *
 * @param tell is given what people should read meanwhile
 */
export async function nodePrograms(tell: (line: string) => void): Promise<Programs> {
  const found: [string, string][] = [];
  for (const name of KUBERNETES) found.push([name, await tool(name, tell)]);
  for (const name of Object.keys(MODULES) as (keyof typeof MODULES)[]) found.push([name, await built(name, tell)]);
  found.push(['versitygw', await versitygw(tell)], ['temporal', await findTemporalCli({ progress: tell })]);
  return Object.fromEntries(found) as Programs;
}

async function built(name: keyof typeof MODULES, tell: (line: string) => void): Promise<string> {
  const { package: main, version } = MODULES[name];
  const output = join(cacheFolder(), `${name}-${version}`, name);
  try {
    await access(output);
  } catch {
    const module = fileURLToPath(new URL(`../../../../tools/cluster/${name}/`, import.meta.url));
    const progress = (howFar: string) => tell(`building ${name} with Go, ${howFar}`);
    await goBuild({ module, package: main, output, progress });
  }
  return output;
}
