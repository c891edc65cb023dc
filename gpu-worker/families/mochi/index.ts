/** Mochi 1 in TypeScript: a library that can be lifted out of this service. */
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
