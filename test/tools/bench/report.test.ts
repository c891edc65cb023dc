import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { forConsole, PAGE, pageOf, recorded } from '../../../tools/bench/report/record.ts';
import { interleave } from '../../../tools/bench/measure/interleave.ts';
import type { BenchmarkResult } from '../../../tools/bench/measure/result.ts';

const RESULT: BenchmarkResult = {
  id: 'thing',
  title: 'A thing',
  rounds: 5,
  date: '2026-01-02',
  machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, software: { Node: '20.3.0' } },
  busyBefore: 0.1,
  figures: [
    {
      what: 'time',
      unit: 's',
      ours: { median: 1, min: 0.9, max: 1.1 },
      baseline: { median: 2, min: 2, max: 2 },
      ratio: { median: 0.5, min: 0.45, max: 0.55 },
      cpuRatio: { median: 0.6, min: 0.6, max: 0.6 },
      goal: 0.4,
    },
    { what: 'overhead', unit: '%', ours: { median: 0.5, min: 0.5, max: 0.5 }, goal: 1 },
  ],
  notes: ['A word on it.'],
};

describe('a reader of the benchmarks', () => {
  it('finds in docs/performance.md the recorded figures and no others', async () => {
    const page = await readFile(PAGE, 'utf8');
    expect(await pageOf(page, await recorded())).toBe(page);
  });

  it('is told where a goal is missed', () => {
    const [, time, overhead] = forConsole([RESULT]).split('\n');
    expect(time).toMatch(/1\.00 s +2\.00 s +0\.500 \(0\.450 \.\. 0\.550\) +0\.600 +<= 0\.4 +missed$/);
    expect(overhead).toMatch(/0\.500 % +<= 1 % +met$/);
  });

  it('gets each round’s own ratio, so that a slow minute of the machine does not count for one side', async () => {
    const order: string[] = [];
    const measure = (side: string, values: number[]) => async () => {
      order.push(side);
      const seconds = values.shift()!;
      return { seconds, cpuSeconds: 1 };
    };
    const { ours, baseline, ratio, cpuRatio } = await interleave(3, {
      ours: measure('ours', [1, 10, 2]),
      baseline: measure('baseline', [2, 20, 5]),
    });
    expect(order.join(' ')).toBe('ours baseline ours baseline ours baseline');
    expect([ours.median, baseline.median, ratio]).toEqual([2, 5, { median: 0.5, min: 0.4, max: 0.5 }]);
    expect(cpuRatio.median).toBe(1);
  });
});
