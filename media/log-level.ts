import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';

/** FFmpeg writes its encoders' statistics to standard error unless told otherwise; only errors are worth a line there. */
export function logErrorsOnly(): void {
  if (Log.getLevel() > AV_LOG_ERROR) Log.setLevel(AV_LOG_ERROR);
}
