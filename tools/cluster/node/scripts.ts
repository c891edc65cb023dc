import { dirname, delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kubectl } from '../../k8s/kubectl.ts';
import { run } from './daemons.ts';

const SCRIPTS = fileURLToPath(new URL('../../../../k8s/', import.meta.url));

/** Runs one of the scripts below k8s/, as an operator's shell would. @throws Error with what it said */
export function runScript(
  { program, kubeconfig }: Kubectl,
  [name, ...args]: [string, ...string[]],
  env: Record<string, string> = {},
): Promise<string> {
  const PATH = `${dirname(program)}${delimiter}${process.env['PATH']}`;
  return run(SCRIPTS + name, args, { ...process.env, PATH, KUBECONFIG: kubeconfig, ...env });
}
