import type { HostileOutcome, Row } from './hostile.ts';

/** The longest that polls may take while another account attacks, as a multiple of what they took before. */
export const MOST_SLOWER = 5;
/** Videos of others that may begin before one that is asked for. */
export const MOST_OVERTAKEN = 2;

/** What does not hold, each with one line that names it. */
export function broken({ quietP95, rows, leaked }: HostileOutcome): string[] {
  const slow = rows.filter(({ p95 }) => p95 !== null && p95 > MOST_SLOWER * quietP95);
  return [
    ...rows.flatMap(({ attack, faults }) => faults.map((fault) => `${attack}: ${fault}`)),
    ...slow.map(({ attack, p95 }) => `${attack}: polls took ${p95!.toFixed(1)} ms, ${quietP95.toFixed(1)} before`),
    ...rows
      .filter(({ overtaken }) => overtaken !== null && overtaken > MOST_OVERTAKEN)
      .map(({ attack, overtaken }) => `${attack}: ${overtaken} videos of others began before the bystander's`),
    ...leaked.map((line) => `not given back: ${line}`),
  ];
}

/** The table of a run, for people. */
export function formatTable({ quietP95, rows }: HostileOutcome): string {
  const head = ['attack', 's', 'answers', 'p95 ms', 'x quiet', '503 to bystander', 'overtaken', 'faults'];
  const cells = rows.map((row) => [
    row.attack,
    row.seconds.toFixed(0),
    answersOf(row),
    row.p95?.toFixed(1) ?? '-',
    row.p95 === null ? '-' : (row.p95 / quietP95).toFixed(1),
    String(row.busy),
    String(row.overtaken ?? '-'),
    String(row.faults.length),
  ]);
  const all = [head, ['(quiet)', '', '', quietP95.toFixed(1), '1.0', '', '', ''], ...cells];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const answersOf = ({ answers }: Row) =>
  Object.entries(answers)
    .toSorted(([, a], [, b]) => b - a)
    .map(([status, n]) => `${n} x ${status}`)
    .join(', ');
