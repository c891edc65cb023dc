import type { Machine } from '../machine.ts';
import type { BenchmarkResult } from '../result.ts';
import { COLUMNS, rows } from './format.ts';

const BEGIN = '<!-- performance: made by `npm run bench -- --readme` from docs/performance.json -->';
/** Where plots are, from the README. */
export const PLOTS = 'docs';
const END = '<!-- end of performance -->';

/**
 * The README with its performance section made anew.
 *
 * @throws Error where it has no such section
 */
export function withPerformance(readme: string, results: readonly BenchmarkResult[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error('README.md has no place for the performance section');
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${section(results)}\n\n${readme.slice(end)}`;
}

function section(results: readonly BenchmarkResult[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = [line(COLUMNS), line(COLUMNS.map(() => '---'))];
  const body = results.flatMap((result) => rows(result).map((cells) => line(cells.map(escape))));
  return [[...head, ...body].join('\n'), ...results.map(paragraph)].join('\n\n');
}

/** What a result was, on which machine. */
function paragraph({ title, rounds, date, machine, loadBefore, notes, plots = [] }: BenchmarkResult): string {
  const busy =
    loadBefore >= 1 ? ['The machine was busy with other work: times say little, ratios of CPU time more.'] : [];
  const run = `${rounds} rounds, ${date}, ${describe(machine)}; load of the minute before: ${loadBefore}.`;
  const pictures = plots.map((plot) => `![${plot.title}](${PLOTS}/${plot.id}.svg)`);
  return [`**${title}.** ${[...notes, run, ...busy].join(' ')}`, ...pictures].join('\n\n');
}

function describe({ cpu, cores, memoryGiB, software }: Machine): string {
  const versions = Object.entries(software).map((entry) => entry.join(' '));
  return `${cores} cores of ${cpu}, ${memoryGiB} GiB; ${versions.join(', ')}`;
}

const escape = (cell: string) => cell.replaceAll('<=', '≤').replaceAll('|', '\\|');
