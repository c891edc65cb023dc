/**
 * Mochi 1 in TypeScript: a library that can be lifted out of this service.
 *
 * What a family of models gives, and where:
 * - `config/`: what is read of the folder's JSON files; `check-folder.ts` verifies all of a folder.
 * - `params.ts`: defaults, limits and the lattice of sizes and lengths; the shape of the latents.
 * - `text.ts`: which tokens a prompt becomes; the encoder is in `gpu-worker/text`.
 * - `graphs/`: the ONNX graph of each component; `inference-model.ts` runs them in the process of a device, whose entry is
 *   `inference-process.ts`.
 * - `schedule.ts`, `sampler.ts`: noise levels, and the denoising loop.
 * - `vae/`: from latents to frames, in tiles.
 * - `mochi.ts`: the pipeline of all these.
 *
 * What users may ask of a model is in its folder's `profile.json`.
 */
export { checkFolder } from './check-folder.ts';
export { Mochi } from './mochi.ts';
export { DeviceLostError, GenerateParamError, NumericalError, OutOfMemoryError } from '../../inference/errors.ts';
export { ModelFolderError } from '../../weights/errors.ts';
export type { ComputeType } from '../../weights/weights.ts';
export { areFinite } from '../../inference/finite.ts';
export type {
  DenoisingProgress,
  FrameChunk,
  GenerateParams,
  GenerateProgress,
  MochiOptions,
  PassTiming,
  Tiling,
} from './config/types.ts';
