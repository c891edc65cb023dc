/** Mochi 1 in TypeScript: a library that can be lifted out of this service. */
export { checkFolder } from './check-folder.ts';
export { Mochi } from './mochi.ts';
export {
  DeviceLostError,
  GenerateParamError,
  ModelFolderError,
  NumericalError,
  OutOfMemoryError,
} from '../../inference/errors.ts';
export { areFinite } from '../../inference/finite.ts';
export type {
  ComputeType,
  DenoisingProgress,
  FrameChunk,
  GenerateParams,
  GenerateProgress,
  MochiOptions,
  PassTiming,
  Tiling,
} from './types.ts';
