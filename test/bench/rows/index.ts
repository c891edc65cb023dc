import type { Benchmark } from '../benchmark.ts';
import { transformerForward } from './transformer-forward.ts';

/** All benchmarks, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [transformerForward];
