import type { Machine } from './machine.ts';
import type { Plot } from './plot.ts';
import type { Spread } from '../../harness/measure/spread.ts';

/** One line of the table. */
export interface Figure {
  what: string;
  unit: 's' | 'ms' | 'MiB' | '%' | '/s' | 'jobs';
  ours: Spread;
  baseline?: Spread;
  /** Ours to the baseline's. */
  ratio?: Spread;
  /** The same of CPU time. */
  cpuRatio?: Spread;
  /** What the median may be at most: of the ratio where there is one, else of ours. */
  goal?: number;
}

/** What a benchmark found. */
export interface BenchmarkFindings {
  figures: Figure[];
  /** Sentences for the reader of the table. */
  notes: string[];
  plots?: Plot[];
}

/** Findings with all that is needed to doubt them. */
export interface BenchmarkResult extends BenchmarkFindings {
  id: string;
  title: string;
  rounds: number;
  /** `YYYY-MM-DD` */
  date: string;
  machine: Machine;
  /** What else the machine was doing: how many cores were at work before the first round. */
  busyBefore: number;
}

/** What the goal is about. */
function judged({ ours, ratio }: Figure): number {
  return (ratio ?? ours).median;
}

/** Whether the goal is reached; undefined where there is none. */
export function reached(figure: Figure): boolean | undefined {
  return figure.goal === undefined ? undefined : judged(figure) <= figure.goal;
}
