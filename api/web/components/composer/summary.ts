import { ApiError } from '../../client/api-error.ts';
import type { VideoEstimate } from '../../client/types.ts';
import { estimateText } from '../../format/estimate.ts';
import { secondsText, sizeText } from '../../format/facts.ts';
import type { FormValues } from './form-values.ts';

/** The settings that matter most, and how long the video would take. */
export function summaryOf({ size, length }: FormValues, estimate: VideoEstimate | ApiError | null): string {
  const [, seconds = ''] = length.split(':');
  const [wait] = estimate === null || estimate instanceof ApiError ? [''] : estimateText(estimate).split(' · ');
  return [sizeText(size), secondsText(seconds), wait].filter(Boolean).join(' · ');
}
