import { table } from '../../cuda/report.ts';
import type { BenchmarkResult } from '../measure/result.ts';
import { COLUMNS, rows } from '../measure/format.ts';

/** Results as they are printed: one table, and below it what has to be said of it. */
export function forConsole(results: readonly BenchmarkResult[]): string {
  const notes = results.flatMap(({ id, notes: lines }) => lines.map((line) => `${id}: ${line}`));
  return `${table([COLUMNS, ...results.flatMap(rows)])}\n\n${notes.join('\n')}`;
}
