import type { Benchmark } from '../benchmark.ts';
import { coldLoad } from './cold-load.ts';
import { textEncoder } from './text-encoder.ts';
import { transformerForward } from './transformer-forward.ts';
import { vaeDecode } from './vae-decode.ts';
import { wholeVideo } from './whole-video.ts';

/** All benchmarks, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [transformerForward, vaeDecode, textEncoder, coldLoad, wholeVideo];
