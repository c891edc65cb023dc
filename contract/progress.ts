import type { Stage } from './video-job.ts';

/** Heartbeat details of `generate`: numbers and one key, never bytes. The next attempt resumes from it. */
export interface GenerateHeartbeat {
  phase: GeneratePhase;
  /** Denoising steps finished, by the attempt that came furthest, and in all: never falls, not even after a resume. */
  step: number;
  steps: number;
  /** Frames decoded, and in all (generated frames, before trimming). */
  frames: number;
  totalFrames: number;
  /** Scratch key of the newest checkpoint and the step that it was taken after; null before the first one. */
  checkpointKey: string | null;
  checkpointStep: number;
  /** Step that the newest stored preview shows; null before the first one. */
  previewStep: number | null;
  /** Estimated seconds until this activity ends; null while unknown. */
  etaSeconds: number | null;
  /** Attempt that sent this. */
  attempt: number;
  /** Step that this attempt went on from. @default unknown: a worker of an earlier version sent it */
  fromStep?: number;
  /** Attempts in a row that ended without a word (killed, crashed or hung) and got no further, this one not counted. */
  crashes: number;
  /** True once the attempt has ended in an orderly way, e.g. handed over at SIGTERM. */
  clean: boolean;
}
export type GeneratePhase = 'loading' | 'encoding_text' | 'denoising' | 'decoding';

/** Share of a job's time that each part takes, as percent of the whole at its end; denoising is by far the longest. */
const ENDS = { validating: 1, loading: 2, encoding_text: 3, denoising: 80, decoding: 92, encoding: 96, uploading: 99 };

/**
 * Percent done, an integer 0 .. 100. It never falls while a job goes forward, and stays at 99 or below until the job is
 * completed.
 */
export function progressOf(stage: Stage, heartbeat: GenerateHeartbeat | null): number {
  const between = (from: number, to: number, part: number, whole: number) =>
    Math.floor(from + (to - from) * (whole > 0 ? Math.min(1, part / whole) : 0));
  switch (stage) {
    case 'completed':
      return 100;
    case 'encoding':
      return ENDS.decoding;
    case 'uploading':
      return ENDS.encoding;
    case 'generating': {
      if (heartbeat === null) return ENDS.validating;
      const { phase, step, steps, frames, totalFrames } = heartbeat;
      if (phase === 'denoising') return between(ENDS.encoding_text, ENDS.denoising, step, steps);
      if (phase === 'decoding') return between(ENDS.denoising, ENDS.decoding, frames, totalFrames);
      // An attempt that goes on from a checkpoint starts with that much done.
      const { checkpointKey, checkpointStep } = heartbeat;
      if (checkpointKey !== null) return between(ENDS.encoding_text, ENDS.denoising, checkpointStep, steps);
      return phase === 'loading' ? ENDS.validating : ENDS.loading;
    }
    default:
      return 0;
  }
}
