import { AV_LOG_ERROR } from 'node-av/constants';
import { FFmpegError, Log } from 'node-av/lib';

/** FFmpeg writes its encoders' statistics to standard error unless told otherwise; only errors belong there. */
export function logErrorsOnly(): void {
  if (Log.getLevel() > AV_LOG_ERROR) Log.setLevel(AV_LOG_ERROR);
}

/**
 * Waits for a call of FFmpeg.
 *
 * @returns its result, 0 or more @throws {FFmpegError} for a negative one, naming the operation
 */
export async function check(operation: string, result: Promise<number> | number): Promise<number> {
  const ret = await result;
  FFmpegError.throwIfError(ret, operation);
  return ret;
}
