import { type BenchmarkResult, type Figure, reached } from './result.ts';
import type { Spread } from '../../harness/measure/spread.ts';

/** What a table of results has above its columns. */
export const COLUMNS = ['benchmark', 'Kinora', 'baseline', 'ratio (from .. to)', 'of CPU time', 'goal', ''];

/** Rows of a result in a table, one for each figure. */
export function rows({ figures }: BenchmarkResult): string[][] {
  return figures.map((figure) => {
    const { what, unit, ours, baseline, ratio, cpuRatio, goal } = figure;
    return [
      what,
      `${digits(ours.median)} ${unit}`,
      baseline === undefined ? '' : `${digits(baseline.median)} ${unit}`,
      ratio === undefined ? '' : `${digits(ratio.median)} ${range(ratio)}`,
      cpuRatio === undefined ? '' : digits(cpuRatio.median),
      goal === undefined ? '' : `<= ${goal}${ratio === undefined ? ` ${unit}` : ''}`,
      verdict(figure),
    ];
  });
}

function verdict(figure: Figure): string {
  const met = reached(figure);
  if (met === undefined) return '';
  return met ? 'met' : 'missed';
}

const range = ({ min, max }: Spread) => `(${digits(min)} .. ${digits(max)})`;

/** With the three digits that count. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(places, 6));
}
