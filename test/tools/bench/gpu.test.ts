import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { relativeDifference } from '../../../tools/bench/gpu/parity.ts';
import { formatGpuReport, sound } from '../../../tools/bench/gpu/report.ts';
import { benchGpu } from '../../../tools/bench/gpu/run.ts';
import { SMALL_WORKLOAD } from '../../../tools/bench/gpu/workload.ts';

describe('a user who takes the GPU benchmark to a machine with GPUs', () => {
  it('does not find there that it breaks off: all of it runs on the CPU, small', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-bench-gpu-'));
    try {
      const measured = await benchGpu(SMALL_WORKLOAD, { folder, python: 'no-python', say: () => {} });
      const report = { ...measured, date: '2026-01-02', gpus: [], software: {} };
      expect(sound(report)).toBe(true);
      expect(report.gemmPeak).toBeGreaterThan(0);
      expect(report.torch).toBeNull();
      for (const clip of report.clips) {
        for (const value of [clip.forwardS, clip.teraflop, clip.stepS, clip.decodeS]) expect(value).toBeGreaterThan(0);
      }
      expect(formatGpuReport(report)).toMatch(/^13 frames of 64x48 /m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is told when a GPU computes something else', () => {
    const expected = Float32Array.of(3, 4);
    const difference = relativeDifference(Float32Array.of(3, 5), expected);
    expect(difference).toBeCloseTo(0.2);
    const parity = [{ what: 'velocity', difference, tolerance: 0.05, pass: false }];
    expect(sound({ reference: { passed: 1, failed: [] }, parity })).toBe(false);
    expect(relativeDifference(Float32Array.of(3), expected)).toBeNaN();
  });
});
