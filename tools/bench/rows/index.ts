import type { Benchmark } from '../measure/benchmark.ts';
import { batching } from './batching.ts';
import { checkpointOverhead } from './checkpoint.ts';
import { coldLoad } from './cold-load.ts';
import { deviceIdle } from './device-idle.ts';
import { durableService } from './durable-service.ts';
import { growth } from './growth.ts';
import { peakShare } from './peak-share.ts';
import { textEncoder } from './text-encoder.ts';
import { transformerForward } from './transformer-forward.ts';
import { vaeDecode } from './vae-decode.ts';
import { wholeVideo } from './whole-video.ts';

/** All benchmarks, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  transformerForward,
  vaeDecode,
  textEncoder,
  coldLoad,
  wholeVideo,
  peakShare,
  batching,
  checkpointOverhead,
  deviceIdle,
  durableService,
  growth,
];
