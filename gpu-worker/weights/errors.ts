/** A model folder that cannot be used: names the file and, where it is about a tensor, the tensor and both shapes. */
export class ModelFolderError extends Error {
  override readonly name = 'ModelFolderError';
}
