import { table } from '../../cuda/report.ts';
import { spreadOf } from '../../harness/measure/spread.ts';
import { digits } from '../measure/format.ts';
import type { Figure } from './measure/step.ts';
import type { BeginRecord, BenchRecord, EndRecord, FigureRecord } from './records.ts';

/** Characters of a text that has no place in the table. */
const LONG = 24;

/** What `npm run bench:gpu` prints of a run, whole or not. */
export function formatRun(records: readonly BenchRecord[]): string {
  const { date, gpus, devices, software, budgetS, steps } = records.find(isBegin)!;
  const figures = records.filter(isFigure);
  const ends = new Map(records.filter(isEnd).map((record) => [record.step, record]));
  const versions = Object.entries(software).map((entry) => entry.join(' '));
  const all = [...figures, ...sharesOfPlain(figures)].toSorted((a, b) => steps.indexOf(a.step) - steps.indexOf(b.step));
  const rows = all
    .filter((figure) => !isLong(figure))
    .map((figure) => [`${figure.step}: ${figure.what}`, valueOf(figure), rangeOf(figure), verdict(figure)]);
  const texts = all
    .filter(isLong)
    .map((figure) => `${figure.step}: ${figure.what}: ${figure.value} ${verdict(figure)}`.trimEnd());
  const about = `${date}; ${gpus.join(', ') || 'no GPU'}; ${devices.join(', ')}; ${versions.join(', ')}; ${budgetS} s`;
  const unfinished = steps.flatMap((step) => notDone(step, ends.get(step)));
  const blocks = [about, table([['figure', '', 'from .. to', ''], ...rows]), texts.join('\n'), unfinished.join('\n')];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** Whether a run found nothing that is not as it has to be, and no step failed. What was not reached is no fault. */
export function sound(records: readonly BenchRecord[]): boolean {
  return (
    records.filter(isFigure).every(({ pass }) => pass !== false) &&
    records.filter(isEnd).every(({ outcome }) => outcome !== 'failed')
  );
}

/** Each pass against plain matrix products, where both were measured. */
function sharesOfPlain(figures: readonly FigureRecord[]): FigureRecord[] {
  const plain = figures.find(({ step }) => step === 'gemm')?.value;
  if (typeof plain !== 'number') return [];
  return figures.flatMap(({ step, what, value, unit }): FigureRecord[] =>
    step.startsWith('pass-') && unit === 'TFLOP/s' && typeof value === 'number'
      ? [{ kind: 'figure', step, what: `${what}, of plain matrix products`, value: (100 * value) / plain, unit: '%' }]
      : [],
  );
}

function notDone(step: string, end: EndRecord | undefined): string[] {
  if (end === undefined) return [`${step}: not reached`];
  if (end.outcome === 'done') return [];
  const after = end.outcome === 'left out' ? '' : ` after ${end.seconds.toFixed(1)} s`;
  return [`${step}: ${end.outcome}${after}${end.why === undefined ? '' : `: ${end.why}`}`];
}

/** E.g. `1.29 s`. */
export function valueOf({ value, unit }: Figure): string {
  if (typeof value === 'string') return value;
  return unit === undefined && Number.isInteger(value) ? String(value) : `${digits(value)} ${unit ?? ''}`.trimEnd();
}

function rangeOf({ values }: FigureRecord): string {
  if (values === undefined || values.length < 2) return '';
  const { min, max } = spreadOf(values);
  return `${digits(min)} .. ${digits(max)}`;
}

/** A path or a sentence would make the table wide. */
const isLong = ({ value }: FigureRecord) => typeof value === 'string' && value.length > LONG;
const verdict = ({ pass }: FigureRecord) => (pass === undefined ? '' : pass ? 'pass' : 'FAIL');
const isBegin = (record: BenchRecord): record is BeginRecord => record.kind === 'begin';
const isFigure = (record: BenchRecord): record is FigureRecord => record.kind === 'figure';
const isEnd = (record: BenchRecord): record is EndRecord => record.kind === 'end';
