import type { Clip, RunCosts } from './device-memory.ts';
import type { Placed } from './placement-log.ts';

/** A component that place.ts adds, of which it is known that CUDA cannot run it. */
export const CONTROL = 'control';
const CUDA = 'CUDAExecutionProvider';
/** An H100 has 80 GB, counted as its makers do: its driver reports 85.5e9 bytes. */
const DEVICE_BYTES = 80e9;

export interface ClipMemory {
  clip: Clip;
  costs: RunCosts;
  activations: number;
  total: number;
}

/** Everything that must not be: nodes off the GPU, memory that is not there, a check that finds nothing. */
export function faultsOf(placed: readonly Placed[], clips: readonly ClipMemory[]): string[] {
  const faults: string[] = [];
  for (const { name, nodes, refused } of placed) {
    if (name === CONTROL) {
      if (refused === undefined)
        faults.push('A graph that CUDA has no kernel for was accepted: the check proves nothing.');
      continue;
    }
    const elsewhere = Object.entries(nodes).filter(([provider]) => provider !== CUDA);
    for (const [provider, count] of elsewhere) faults.push(`${name}: ${count} nodes are placed on ${provider}`);
    if (refused !== undefined) faults.push(`${name}: ${refused}`);
    else if (!nodes[CUDA]) faults.push(`${name}: no node is placed on CUDA`);
  }
  if (!placed.some(({ name }) => name === CONTROL)) faults.push('The graph that CUDA has no kernel for was not tried.');
  for (const { clip, total } of clips) {
    if (total > DEVICE_BYTES) faults.push(`${describe(clip)} needs ${gigabytes(total)} of 80 GB`);
  }
  return faults;
}

export function formatPlacement(placed: readonly Placed[]): string {
  const components = placed.filter(({ name }) => name !== CONTROL);
  const rows = components.map(({ name, nodes, bytes, refused }) => {
    const all = Object.values(nodes).reduce((sum, count) => sum + count, 0);
    return [name, refused === undefined ? `${nodes[CUDA] ?? 0} of ${all}` : 'refused', gigabytes(bytes)];
  });
  const total = components.reduce((sum, { bytes }) => sum + bytes, 0);
  return table([['component', 'nodes on CUDA', 'device memory for weights'], ...rows, ['all', '', gigabytes(total)]]);
}

/** Peaks are of values that live at one moment; `with reserve` has the allocator's and the kernels' part. */
export function formatClips(clips: readonly ClipMemory[]): string {
  const rows = clips.map(({ clip, costs, activations, total }) => [
    describe(clip),
    gigabytes(costs.transformer.peakBytes),
    gigabytes(costs.vae.peakBytes),
    gigabytes(costs.textEncoder.peakBytes),
    gigabytes(activations),
    gigabytes(total),
    total <= DEVICE_BYTES ? 'fits 80 GB' : 'does NOT fit 80 GB',
    `${(costs.transformer.operations / 1e12).toFixed(0)} TFLOP`,
  ]);
  const header = ['clip', 'transformer', 'VAE tile', 'T5', 'with reserve', 'weights and all', '', 'a forward pass'];
  return table([header, ...rows]);
}

const describe = ({ width, height, numFrames }: Clip) => `${numFrames} frames of ${width}x${height}, tiled`;
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

/** Columns as wide as what they hold, the first to the left. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
