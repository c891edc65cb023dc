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

/** @param python whose packages count too, as far as they are there; null for none */
export async function describeMachine(python: string | null): Promise<Machine> {
  return {
    cpu: cpus()[0]!.model.trim(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    software: { ...ourSoftware(), ...(python !== null && (await pythonSoftware(python))) },
  };
}

async function pythonSoftware(python: string): Promise<Record<string, string>> {
  const code = `import importlib.metadata as m; print(*(f"{d.name} {d.version}" for d in m.distributions()), sep="\\n")`;
  const { stdout } = await promisify(execFile)(python, ['-c', code]).catch(() => ({ stdout: '' }));
  const versions = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, string]));
  return Object.fromEntries(PACKAGES.flatMap((name) => (versions.has(name) ? [[name, versions.get(name)!]] : [])));
}

/** What Kinora computes with. */
export function ourSoftware(): Record<string, string> {
  const onnxruntime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { Node: process.versions.node, 'ONNX Runtime': onnxruntime.version };
}
