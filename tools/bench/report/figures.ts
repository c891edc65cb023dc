import type { Machine } from '../measure/machine.ts';
import type { BenchmarkResult } from '../measure/result.ts';
import { COLUMNS, rows } from '../measure/format.ts';

/** From so many cores that were at work before on, readers are told. */
const BUSY_CORES = 0.2;

/** The part of docs/performance.md that is made from results. */
export function figures(results: readonly BenchmarkResult[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = [line(COLUMNS), line(COLUMNS.map(() => '---'))];
  const body = results.flatMap((result) => rows(result).map((cells) => line(cells.map(escape))));
  const plots = results.flatMap((result) => result.plots ?? []);
  return [
    [...head, ...body].join('\n'),
    ...machines(results),
    '<details><summary>What each row measures, what was tried, and where the limit is</summary>',
    ...results.map(paragraph),
    '</details>',
    ...plots.map((plot) => `![${plot.title}](${plot.id}.svg)`),
  ].join('\n\n');
}

/** Each day and machine once, with the benchmarks that ran then and there where there are several. */
function machines(results: readonly BenchmarkResult[]): string[] {
  const titles = new Map<string, string[]>();
  for (const { date, machine, title } of results) {
    const when = `${date}, on ${describe(machine)}`;
    titles.set(when, [...(titles.get(when) ?? []), title]);
  }
  if (titles.size === 1) return [`Measured ${[...titles.keys()].join()}.`];
  return [...titles].map(([when, measured]) => `Measured ${when}: ${measured.join('; ')}.`);
}

/** What a result was. */
function paragraph({ title, rounds, busyBefore, notes }: BenchmarkResult): string {
  const busy =
    busyBefore < BUSY_CORES
      ? ''
      : ` The machine had other work, for ${busyBefore} cores: times say little, ratios of CPU time more.`;
  return `**${title}.** ${notes.join(' ')} ${rounds} rounds.${busy}`;
}

function describe({ cpu, cores, memoryGiB, software }: Machine): string {
  const versions = Object.entries(software).map((entry) => entry.join(' '));
  return `${cores} cores of ${cpu}, ${memoryGiB} GiB; ${versions.join(', ')}`;
}

const escape = (cell: string) => cell.replaceAll('<=', '≤').replaceAll('|', '\\|');
