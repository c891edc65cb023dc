import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { MochiConfig } from './config/config.ts';
import { componentGraphs } from './graphs/model-graphs.ts';
import type { TensorInfo } from '../../weights/safetensors.ts';
import { type ComputeType, type Component, findWeights } from '../../weights/weights.ts';

/** Checked in some 2 ms. */
const PIECE_BYTES = 4 << 20;

/**
 * Reads all tensors that a component's graphs ask for: 20 GB take some ten seconds from memory.
 *
 * @returns the first tensor that holds a NaN or an infinite value, in words; null where none does
 * @throws ModelFolderError; the signal's reason
 */
export async function findDamagedTensor(
  config: MochiConfig,
  component: Component,
  computeType: ComputeType,
  signal: AbortSignal,
): Promise<string | null> {
  const weights = await findWeights(config.dir, component, computeType);
  const asked = new Set<TensorInfo>();
  const source = {
    get: (name: string, shape: readonly number[]) => {
      const info = weights.get(name, shape);
      asked.add(info);
      return info;
    },
  };
  componentGraphs(config).get(component)!(source, computeType);
  for (const tensor of asked) {
    const found = await firstDamage(tensor, signal);
    if (found) return `tensor ${tensor.name} of ${component}/${basename(tensor.file)} holds ${found}`;
  }
  return null;
}

async function firstDamage({ file, dtype, offset, bytes }: TensorInfo, signal: AbortSignal): Promise<string | null> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, bytes));
  const handle = await open(file);
  try {
    for (let at = 0; at < bytes;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, bytes - at), offset + at);
      if (bytesRead === 0) return null;
      const damage = damageOf(dtype, buffer, bytesRead);
      if (damage) return damage;
      at += bytesRead;
    }
    return null;
  } finally {
    await handle.close();
  }
}

/** What is neither NaN nor infinite has an exponent with a zero in it. */
function damageOf(dtype: string, { buffer }: Buffer, bytes: number): string | null {
  const values = dtype === 'F32' ? new Uint32Array(buffer, 0, bytes >> 2) : new Uint16Array(buffer, 0, bytes >> 1);
  const [exponent, fraction] = { F32: [0x7f80_0000, 0x7f_ffff], BF16: [0x7f80, 0x7f], F16: [0x7c00, 0x3ff] }[dtype]!;
  for (let i = 0; i < values.length; i++) {
    if ((values[i]! & exponent!) === exponent) return (values[i]! & fraction!) === 0 ? 'an infinite value' : 'a NaN';
  }
  return null;
}
