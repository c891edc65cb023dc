import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { withSection } from '../../documents/section.ts';
import { table } from '../../cuda/report.ts';
import { BENCHMARKS } from '../rows/index.ts';
import type { Plot } from '../measure/plot.ts';
import type { BenchmarkResult } from '../measure/result.ts';
import { COLUMNS, rows } from '../measure/format.ts';
import { figures } from './figures.ts';
import { svgOf } from './svg.ts';

const DOCS = new URL('../../../../docs/', import.meta.url);
const RECORD = fileURLToPath(new URL('performance.json', DOCS));
export const PAGE = fileURLToPath(new URL('performance.md', DOCS));

/** The last recorded result of each benchmark, in the order of the table. */
export async function recorded(): Promise<BenchmarkResult[]> {
  return JSON.parse(await readFile(RECORD, 'utf8')) as BenchmarkResult[];
}

/** Where a plot is kept. */
const plotFile = ({ id }: Plot): string => fileURLToPath(new URL(`${id}.svg`, DOCS));

/** Puts results into the record, in place of earlier ones of the same benchmarks, and makes the plots and docs/performance.md from it. */
export async function record(results: readonly BenchmarkResult[]): Promise<void> {
  const known = new Map((await recorded()).map((result) => [result.id, result]));
  for (const result of results) known.set(result.id, result);
  const all = BENCHMARKS.flatMap(({ id }) => known.get(id) ?? []);
  await writeFile(RECORD, await format(JSON.stringify(all), { parser: 'json', printWidth: 120 }));
  for (const plot of all.flatMap(({ plots = [] }) => plots)) await writeFile(plotFile(plot), svgOf(plot));
  await writeFile(PAGE, await pageOf(await readFile(PAGE, 'utf8'), all));
}

/** docs/performance.md as it has to be with these results. */
export async function pageOf(page: string, results: readonly BenchmarkResult[]): Promise<string> {
  return withSection(page, 'figures', figures(results));
}

/** Results as they are printed: one table, and below it what has to be said of it. */
export function forConsole(results: readonly BenchmarkResult[]): string {
  const notes = results.flatMap(({ id, notes: lines }) => lines.map((line) => `${id}: ${line}`));
  return `${table([COLUMNS, ...results.flatMap(rows)])}\n\n${notes.join('\n')}`;
}
