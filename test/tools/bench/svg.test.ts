import { describe, expect, it } from 'vitest';
import type { Plot } from '../../../tools/bench/measure/plot.ts';
import { linearAxis, logAxis } from '../../../tools/bench/report/axis.ts';
import { svgOf } from '../../../tools/bench/report/svg.ts';

const PLOT: Plot = {
  id: 'growth-thing',
  title: 'Things <and> others',
  x: 'things',
  scale: 'log',
  panels: [
    {
      unit: 's',
      series: [
        {
          name: 'seconds',
          points: [
            [10, 1],
            [100, 2],
            [1000, 9],
          ],
        },
        {
          name: 'CPU seconds',
          points: [
            [10, 2],
            [1000, 18],
          ],
        },
      ],
    },
    {
      unit: 'MiB',
      series: [
        {
          name: 'memory',
          points: [
            [10, 100],
            [1000, 130],
          ],
        },
      ],
    },
  ],
};

describe('a reader of a plot of growth', () => {
  it('sees every point and the name of every line, on white and on black', () => {
    const svg = svgOf(PLOT);
    expect(svg.match(/<circle class="s\d" [^>]*r="3"/g)).toHaveLength(7);
    for (const text of ['Things &lt;and> others', 'seconds', 'CPU seconds', 'memory', 'MiB', '1,000']) {
      expect(svg).toContain(`>${text}</text>`);
    }
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('reads from round numbers, and sees growth from zero on', () => {
    expect(linearAxis(18).ticks).toEqual([0, 5, 10, 15, 20]);
    expect(linearAxis(130).at(0)).toBe(0);
    expect(logAxis(10, 10_000).ticks).toEqual([10, 100, 1000, 10_000]);
    expect([10, 100, 10_000].map(logAxis(10, 10_000).at)).toEqual([0, 1 / 3, 1]);
  });
});
