import type { ComputeType } from '../weights/weights.ts';

/** Size of video latents `[channels, T, h, w]`: frames, rows and columns. */
export interface LatentShape {
  T: number;
  h: number;
  w: number;
}

/** What an inference process is told when it starts; nothing is loaded before `load`. */
export interface LoadArgs {
  dir: string;
  device: string;
  computeType: ComputeType;
  threads: number;
  /** Whether this process also encodes text (one of a pair is enough). */
  textEncoder: boolean;
}

/**
 * Calls that an inference process answers, one at a time, in order. Arrays travel as structured clones. They are what
 * Mochi's pipeline needs: a flow model that predicts velocities, and a VAE that keeps state between the frames of a tile.
 */
export interface InferenceCalls {
  load: (args: LoadArgs) => Promise<void>;
  /** The text encoder's output over valid tokens: `[S, E]`. */
  encodeText: (ids: number[]) => Promise<Float32Array>;
  /** Keeps a text `[S, E]` for later passes under a name. */
  condition: (pass: string, text: Float32Array) => Promise<void>;
  /** One pass: velocity `[c, T, h, w]` of latents of that shape at a timestep. */
  velocity: (pass: string, latents: Float32Array, shape: LatentShape, timestep: number) => Promise<TimedResult>;
  /** Decodes the next latent frames of a tile, denormalised, `[t, c, h, w]`: VAE values `[frames, 3, height, width]`. */
  decodeTile: (tile: number, latents: Float32Array, shape: LatentShape, first: boolean) => Promise<TimedResult>;
  /** Forgets what is kept of every tile. */
  endDecode: () => Promise<void>;
  /** Largest memory that the process has held, in MiB. */
  peakMemoryMb: () => Promise<number>;
}

export interface TimedResult {
  data: Float32Array;
  /** Unix ms, with fractions. */
  startedAt: number;
  endedAt: number;
}

export type Call = {
  [M in keyof InferenceCalls]: { id: number; method: M; args: Parameters<InferenceCalls[M]> };
}[keyof InferenceCalls];
export type Reply =
  { id: number; result: unknown } | { id: number; error: { message: string; outOfMemory: boolean; name: string } };
