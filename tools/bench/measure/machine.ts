import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** What figures were measured on, and with. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  /** Versions, by name. */
  software: Record<string, string>;
}

const PACKAGES = ['torch', 'diffusers', 'transformers'];

/** @param python whose packages count too */
export async function describeMachine(python: string): Promise<Machine> {
  const code = `import importlib.metadata as m; print(*(m.version(p) for p in ${JSON.stringify(PACKAGES)}))`;
  const { stdout } = await promisify(execFile)(python, ['-c', code]);
  const versions = stdout.trim().split(' ');
  return {
    cpu: cpus()[0]!.model.trim(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    software: {
      ...ourSoftware(),
      ...Object.fromEntries(PACKAGES.map((name, i) => [name, versions[i]!])),
    },
  };
}

/** What Kinora computes with. */
export function ourSoftware(): Record<string, string> {
  const onnxruntime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { Node: process.versions.node, 'ONNX Runtime': onnxruntime.version };
}
