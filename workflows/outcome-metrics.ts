import { metricMeter, workflowInfo } from '@temporalio/workflow';
import type { GenerateVideoInput } from '../contract/video-job.ts';
import { ERRORS, type ErrorCode } from '../contract/errors.ts';
import { VIDEO_SECONDS } from '../contract/names.ts';

const ended = metricMeter.createCounter(
  'kinora_videos_ended',
  undefined,
  'Videos by outcome: completed, cancelled, refused (a fault of the request) or failed, with the error code.',
);
const seconds = metricMeter.createHistogram(
  VIDEO_SECONDS,
  'float',
  'seconds',
  'Seconds from the start of a video that completed to its end.',
);

/** Counts a video's end, once: nothing is counted when a worker plays the workflow again. */
export function countOutcome({ jobClass = 'short' }: GenerateVideoInput, code?: ErrorCode): void {
  ended.add(1, { outcome: outcomeOf(code), code: code ?? 'none', class: jobClass });
  if (code === undefined) {
    seconds.record((Date.now() - workflowInfo().startTime.getTime()) / 1000, { class: jobClass });
  }
}

function outcomeOf(code?: ErrorCode): string {
  if (code === undefined) return 'completed';
  if (code === 'cancelled') return code;
  return ERRORS[code].type === 'invalid_request_error' ? 'refused' : 'failed';
}
