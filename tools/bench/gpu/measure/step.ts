import type { Workload } from './workload.ts';

/** One thing that was found out. */
export interface Figure {
  what: string;
  /** The median, or a name or version; `unknown` where it cannot be known. */
  value: number | string;
  /** Of a number. @default '' */
  unit?: string;
  /** Everything that the median is of. */
  values?: number[];
  /** Whether it is what it has to be, where that is known. */
  pass?: boolean;
}

/** What a step has to work with. */
export interface StepContext {
  workload: Workload;
  /** Shared by all steps of a run. */
  folder: string;
  /** How often each thing is timed, after a first time. */
  runs: number;
  python: string;
  /** Keeps a figure; once it comes back, the end of this process cannot lose it. */
  report: (figure: Figure) => Promise<void>;
}

/** A part of the benchmark that runs in a process of its own. */
export interface Step {
  /** What the command line calls it. */
  id: string;
  title: string;
  /** What it is expected to take on a GPU like the H100, in seconds. Nothing of it was measured yet. */
  estimateS: number;
  run: (context: StepContext) => Promise<void>;
}
