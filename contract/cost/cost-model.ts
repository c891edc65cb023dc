import type { JobTiming } from '../results.ts';
import type { Architecture } from '../architecture.ts';
import { type Work, workOf, type WorkSpec } from './work.ts';

/** What a job takes, in seconds, from the moment that a device begins with it. */
export interface Estimate {
  /** Until the device is free again. */
  deviceS: number;
  /** From then on until the files are published. */
  publishS: number;
}

/** A finished job: what it was, and what it took. */
export interface FinishedJob {
  spec: WorkSpec;
  timing: JobTiming;
}

/** The parts of a job that are calibrated by themselves. */
const PARTS = ['denoise', 'decode', 'publish'] as const;
type Part = (typeof PARTS)[number];
type Seconds = Record<Part, number>;

/** How much longer a part took than was assumed, and how much work it was. */
interface Sample {
  work: number;
  ratio: number;
}

/** Before anything was measured: tokenizing, the first step's allocations; the round trips of the other activities. */
const START_S = 0.3;
const PUBLISH_S = 0.8;
/** Encoding, checking and uploading a megapixel of frames on two cores. */
const PUBLISH_S_PER_MEGAPIXEL = 0.2;

/** Jobs that one answer rests on. */
const NEAREST = 9;
/** Jobs that are remembered for a device kind. */
const REMEMBERED = 200;

/**
 * Tells what a video will take on a kind of device. The work of the video is counted, and the pace is learnt from finished
 * jobs: the median of how much longer those most like it took than assumed, so that one that hung tells nothing.
 */
export class CostModel {
  readonly #architecture: Architecture;
  readonly #samples = new Map<string, Record<Part, Sample[]>>();
  #latestKind: string | null = null;

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  /** The kind of device that finished the last job; null before the first one. */
  get latestKind(): string | null {
    return this.#latestKind;
  }

  /** True once a job of that kind of device was measured. */
  isCalibrated(kind: string): boolean {
    return this.#samples.has(kind);
  }

  /** Takes a finished job in; the newest come last. */
  learn({ spec, timing }: FinishedJob): void {
    const { deviceKind: kind } = timing;
    const work = workOf(spec, this.#architecture);
    const assumed = assumedSeconds(work, kind);
    const actual: Seconds = { denoise: timing.denoiseS, decode: timing.decodeS, publish: timing.publishS };
    const samples = this.#samples.get(kind) ?? { denoise: [], decode: [], publish: [] };
    this.#samples.set(kind, samples);
    for (const part of PARTS) {
      if (!(actual[part] > 0) || !Number.isFinite(actual[part])) continue;
      samples[part].push({ work: workFor(part, work), ratio: actual[part] / assumed[part] });
      if (samples[part].length > REMEMBERED) samples[part].shift();
    }
    this.#latestKind = kind;
  }

  /** @param kind as `JobTiming.deviceKind` */
  estimate(spec: WorkSpec, kind: string): Estimate {
    const work = workOf(spec, this.#architecture);
    const seconds = assumedSeconds(work, kind);
    const samples = this.#samples.get(kind);
    if (samples) {
      for (const part of PARTS) seconds[part] *= ratioNear(samples[part], workFor(part, work));
    }
    return { deviceS: seconds.denoise + seconds.decode, publishS: seconds.publish };
  }
}

function assumedSeconds({ denoise, decode, megapixels }: Work, kind: string): Seconds {
  const speed = assumedSpeed(kind);
  return {
    denoise: START_S + denoise / speed.denoise,
    decode: decode / speed.decode,
    publish: PUBLISH_S + PUBLISH_S_PER_MEGAPIXEL * megapixels,
  };
}

const workFor = (part: Part, work: Work): number => (part === 'publish' ? work.megapixels : work[part]);

/** The median ratio of the jobs whose work is nearest, of equally near ones the newest. */
function ratioNear(samples: readonly Sample[], work: number): number {
  const distance = (sample: Sample) => Math.abs(Math.log(sample.work / work));
  const nearest = samples
    .toReversed()
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, NEAREST)
    .map(({ ratio }) => ratio)
    .sort((a, b) => a - b);
  return nearest.length === 0 ? 1 : (nearest[(nearest.length - 1) >> 1]! + nearest[nearest.length >> 1]!) / 2;
}

/** What a device of a kind does before any job was measured. */
export interface Speed {
  /** TFLOP a second. */
  denoise: number;
  decode: number;
}

/** Two cores of a usual server. */
const CPU: Speed = { denoise: 0.05, decode: 0.05 };
/** One GPU of the class of an H100, in bfloat16. */
const GPU: Speed = { denoise: 350, decode: 120 };

/** GPUs of a worker with devices of this kind. @param kind as in {@link assumedSpeed} */
export const gpusOf = (kind: string): number => (kind === 'cpu' ? 0 : Number(/^(\d+)x /.exec(kind)?.[1] ?? 1));

/** @param kind `cpu`, or how many GPUs of which name, e.g. `2x NVIDIA H100 80GB HBM3` */
export function assumedSpeed(kind: string): Speed {
  if (kind === 'cpu') return CPU;
  const gpus = gpusOf(kind);
  return { denoise: gpus * GPU.denoise, decode: gpus * GPU.decode };
}
