import type { Fault } from './faults.ts';
import type { Job } from './load.ts';
import type { ServiceLog } from './service-log.ts';
import type { Verdict } from './verdict.ts';

export interface Outcome {
  seed: number;
  minutes: number;
  faults: readonly Fault[];
  jobs: readonly Job[];
  verdict: Verdict;
  log: ServiceLog;
  /** Seconds from each fault that ended an attempt until another might begin. */
  handedOnS: readonly number[];
  /** Requests that users had to repeat, answers of S3 that were spoilt, processes that ended by themselves. */
  repeated: number;
  skewed: number;
  ownEnds: Record<string, number>;
}

/** What a run of chaos came to, for people. */
export function formatReport(outcome: Outcome): string {
  const { seed, minutes, faults, jobs, verdict, log, handedOnS, repeated, skewed, ownEnds } = outcome;
  const kinds = new Map<string, number>();
  for (const { kind } of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const completed = jobs.filter(({ end }) => end?.status === 'completed').length;
  const failed = jobs.filter(({ end }) => end?.status === 'failed');
  const steps = jobs.reduce((sum, { id }) => sum + (log.work.get(id ?? '')?.steps ?? 0), 0);
  const needed = jobs.reduce(
    (sum, { end, request }) => sum + (end?.status === 'completed' ? request.num_inference_steps : 0),
    0,
  );
  const redone = jobs.flatMap(({ id, end, request }) => {
    const work = log.work.get(id ?? '');
    if (end?.status !== 'completed' || work === undefined || work.attempts < 2) return [];
    return [(work.steps - request.num_inference_steps) / (work.attempts - 1)];
  });
  const rows: [string, string | number][] = [
    ['seed', seed],
    ['minutes', minutes],
    ['faults', faults.length],
    ...[...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([kind, n]): [string, number] => [`  ${kind}`, n]),
    ['S3 answers spoilt', skewed],
    ['requests repeated', repeated],
    ['processes that ended by themselves', list(ownEnds)],
    ['jobs', jobs.length],
    ['  completed', completed],
    [
      '  failed',
      `${failed.length}${failed.length > 0 ? ` (${list(countBy(failed, ({ end }) => end!.error?.code ?? '?'))})` : ''}`,
    ],
    ['steps redone', `${Math.max(0, steps - needed)} of ${steps}`],
    ['  most for each further attempt at a video', Math.max(0, ...redone).toFixed(1)],
    ['attempts ended by faults', handedOnS.length],
    ['  p95 takeover', `${percentile(handedOnS, 0.95).toFixed(1)} s until another attempt may begin`],
    ['  median', `${percentile(handedOnS, 0.5).toFixed(1)} s`],
    ['  p95 with its wait in line', `${percentile(log.takeovers, 0.95).toFixed(1)} s`],
    ...Object.entries(verdict).map(([name, found]: [string, string[]]): [string, number] => [name, found.length]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const found = Object.entries(verdict).flatMap(([name, all]: [string, string[]]) =>
    all.map((line) => `${name}: ${line}`),
  );
  const complaints = [...log.complaints]
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, n]) => `${String(n).padStart(5)}  ${what}`);
  return ['', ...lines, '', 'Errors in the logs:', ...complaints, '', ...found].join('\n');
}

function list(counts: Record<string, number>): string {
  const told = Object.entries(counts).filter(([, n]) => n > 0);
  return told.length === 0 ? '0' : told.map(([name, n]) => `${name} ${n}`).join(', ');
}

function countBy<T>(all: readonly T[], nameOf: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[nameOf(one)] = (counts[nameOf(one)] ?? 0) + 1;
  return counts;
}

/** 0 where there is nothing. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
