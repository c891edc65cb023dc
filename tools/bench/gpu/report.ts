import { table } from '../../cuda/report.ts';
import type { Parity } from './parity.ts';
import type { ClipTimings } from './timings.ts';
import type { TorchTimings } from './torch-timings.ts';

export interface GpuReport {
  date: string;
  devices: string[];
  /** As nvidia-smi names them. */
  gpus: string[];
  software: Record<string, string>;
  reference: { passed: number; failed: string[] };
  parity: Parity[];
  /** Plain matrix products of the transformer's widths, operations a second. */
  gemmPeak: number;
  loadS: number;
  clips: ClipTimings[];
  /** Null where there is no torch with CUDA. */
  torch: TorchTimings[] | null;
}

/** What `npm run bench:gpu` prints at its end. */
export function formatGpuReport(report: GpuReport): string {
  const { date, gpus, devices, software, reference, parity, gemmPeak, loadS, clips, torch } = report;
  const versions = Object.entries(software).map((entry) => entry.join(' '));
  const checks = parity.map(({ what, difference, tolerance, pass }) => [
    what,
    difference.toExponential(1),
    `<= ${tolerance}`,
    pass ? 'pass' : 'FAIL',
  ]);
  const timings = clips.map(({ clip, forwardS, teraflop, stepS, decodeS, peakMiB }, i) => [
    `${clip.numFrames} frames of ${clip.width}x${clip.height}`,
    `${forwardS.toFixed(2)} s`,
    (teraflop / forwardS).toFixed(1),
    `${((100 * teraflop * 1e12) / forwardS / gemmPeak).toFixed(0)} %`,
    `${stepS.toFixed(2)} s`,
    `${decodeS.toFixed(2)} s`,
    peakMiB.map((mib) => (mib / 1024).toFixed(1)).join(' + ') || '-',
    torch === null ? '-' : `${torch[i]!.forwardS.toFixed(2)} s`,
    torch === null ? '-' : `${torch[i]!.decodeS.toFixed(2)} s`,
  ]);
  return [
    `${date}; ${gpus.join(', ') || 'no GPU'}; ${devices.join(', ')}; ${versions.join(', ')}`,
    `Tiny model in float32 against diffusers' outputs: ${reference.passed} passed, ${reference.failed.length} failed`,
    ...reference.failed.map((line) => `  ${line}`),
    table([['tiny model against the CPU', 'difference', 'tolerance', ''], ...checks]),
    `Plain matrix products: ${(gemmPeak / 1e12).toFixed(1)} TFLOP/s. Loading: ${loadS.toFixed(1)} s.`,
    table([
      ['clip', 'pass', 'TFLOP/s', 'of plain', 'guided step', 'decode', 'peak GiB', 'torch pass', 'torch decode'],
      ...timings,
    ]),
  ].join('\n\n');
}

/** Whether the GPUs compute what they should. */
export function sound({ reference, parity }: Pick<GpuReport, 'reference' | 'parity'>): boolean {
  return reference.failed.length === 0 && parity.every(({ pass }) => pass);
}
