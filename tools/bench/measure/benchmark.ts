import type { BenchmarkFindings } from './result.ts';

/** What a benchmark has to work with. */
export interface BenchContext {
  /** Python with diffusers and torch. @throws UserError where there is none */
  python: () => Promise<string>;
  /** How often both sides are measured. */
  rounds: number;
  /** An empty folder, removed afterwards. */
  folder: string;
}

export interface Benchmark {
  /** What the command line calls it. */
  id: string;
  title: string;
  run: (context: BenchContext) => Promise<BenchmarkFindings>;
}

/** Threads of each side. */
export const THREADS = 2;
