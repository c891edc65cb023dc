import type { Row } from './compare.ts';

const WIDTHS = { stage: 30, case: 16, difference: 16, tolerance: 22 };

const line = (stage: string, caseName: string, difference: string, tolerance: string, result: string): string =>
  [
    stage.padEnd(WIDTHS.stage),
    caseName.padEnd(WIDTHS.case),
    difference.padEnd(WIDTHS.difference),
    tolerance.padEnd(WIDTHS.tolerance),
    result,
  ].join(' ');

export const HEADER = line('stage', 'case', 'max abs diff', 'tolerance', 'result');

export function formatRow({ stage, case: caseName, maxDifference, tolerance, pass, note }: Row): string {
  const difference = maxDifference === 0 ? '0' : maxDifference.toExponential(2);
  const result = pass ? 'pass' : 'FAIL';
  return line(stage, caseName, difference, tolerance, note === undefined ? result : `${result}  ${note}`);
}

export function formatSummary(rows: readonly Row[]): string {
  const failed = rows.filter(({ pass }) => !pass).length;
  return `${rows.length - failed} passed, ${failed} failed`;
}
