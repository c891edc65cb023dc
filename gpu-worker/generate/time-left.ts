/** Share of a job's denoising that its decoding takes, until this worker has decoded one. */
const DECODE_SHARE = 0.15;
/** Weight of the newest step: a machine that others use too changes its pace. */
const NEWEST = 0.3;

/** What this worker has learnt from its earlier jobs. */
export interface DecodeRate {
  /** Seconds per megapixel of frames; null before the first job. */
  secondsPerMegapixel: number | null;
}

/** Estimates when a job will be done, from its own steps and from the pace at which earlier ones were decoded. */
export class TimeLeft {
  readonly #rate: DecodeRate;
  readonly #steps: number;
  readonly #megapixels: number;
  #stepSeconds: number | null = null;

  /** @param shape of the whole clip as generated. */
  constructor(rate: DecodeRate, steps: number, shape: { width: number; height: number; numFrames: number }) {
    this.#rate = rate;
    this.#steps = steps;
    this.#megapixels = (shape.width * shape.height * shape.numFrames) / 1e6;
  }

  /** Seconds left after a step, rounded up. */
  afterStep(step: number, seconds: number): number {
    this.#stepSeconds = this.#stepSeconds === null ? seconds : NEWEST * seconds + (1 - NEWEST) * this.#stepSeconds;
    const { secondsPerMegapixel } = this.#rate;
    const decoding =
      secondsPerMegapixel === null
        ? DECODE_SHARE * this.#steps * this.#stepSeconds
        : secondsPerMegapixel * this.#megapixels;
    return Math.ceil((this.#steps - step) * this.#stepSeconds + decoding);
  }

  /** Seconds left while decoding, rounded up. @param seconds that decoding has taken so far */
  afterFrames(frames: number, totalFrames: number, seconds: number): number {
    const done = latentFrames(frames) / latentFrames(totalFrames);
    this.#rate.secondsPerMegapixel = seconds / done / this.#megapixels;
    return Math.ceil(seconds / done - seconds);
  }
}

/** Decoding takes its time per latent frame of Mochi: the first is one frame, each other one six. */
const latentFrames = (frames: number) => Math.ceil((frames - 1) / 6) + 1;
