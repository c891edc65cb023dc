export interface ValidateResult {
  /** Valid tokens, `</s>` included. */
  promptTokens: number;
  negativePromptTokens: number;
  warnings: string[];
}

export interface GenerateResult {
  /** Scratch key of the lossless frames (FFV1 in Matroska, RGB, generated shape, untrimmed). */
  framesKey: string;
  /** SHA-256 of all RGB bytes of the frames, hex, as `LosslessWriter.finish()` returns it; encode compares with it. */
  framesSha256: string;
  /** As in {@link generatedShape}. */
  width: number;
  height: number;
  numFrames: number;
  /** Seconds of work on the device in the attempt that finished, and what earlier attempts' checkpoints carried over. */
  inferenceTimeS: number;
  peakMemoryMb: number;
  /** Step from which the finishing attempt started; 0 for an undisturbed one. */
  resumedFromStep: number;
  /** E.g. `cpu` or `cuda:0,cuda:1`. */
  device: string;
  /** Tells the model that made the frames from others by its content, SHA-256 in hex. @default an older worker did not say */
  weights?: string;
  timing: GenerateTiming;
}

/** What `generate` took, in seconds; what earlier attempts' checkpoints carried over is part of it. */
export interface GenerateTiming {
  /** `cpu`, or how many GPUs of which name, e.g. `2x NVIDIA H100 80GB HBM3`: jobs on the same kind compare. */
  deviceKind: string;
  /** Until the device began: reading checkpoints, and loading the weights again where they were lost. */
  loadS: number;
  /** Text and denoising steps. */
  denoiseS: number;
  /** From the last step until the frames were stored. */
  decodeS: number;
}

/** What a job took. */
export interface JobTiming extends GenerateTiming {
  /** From the stored frames to the published files. */
  publishS: number;
}

/** A file in one of the two stores. */
export interface StoredFile {
  key: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  contentType: string;
}

export type Variant = 'video' | 'thumbnail' | 'spritesheet';

/** Files in the scratch store, ready to be published. */
export type EncodeResult = Record<Variant, StoredFile>;

export interface UploadResult {
  /** Files in the artefact store. */
  artefacts: Record<Variant, StoredFile>;
}

/** Result of the workflow. */
export interface GenerateVideoResult extends UploadResult {
  inferenceTimeS: number;
  peakMemoryMb: number;
  warnings: string[];
  /** Unix seconds. */
  completedAt: number;
  /** Unix seconds from which on the files are removed; null: with the video. */
  expiresAt: number | null;
  timing: JobTiming;
}
