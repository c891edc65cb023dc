import type { Benchmark } from '../benchmark.ts';
import { textEncoder } from './text-encoder.ts';
import { transformerForward } from './transformer-forward.ts';
import { vaeDecode } from './vae-decode.ts';

/** All benchmarks, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [transformerForward, vaeDecode, textEncoder];
