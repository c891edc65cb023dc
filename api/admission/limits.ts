import type { GenerateVideoInput, JobEstimate } from '../../contract/video-job.ts';
import { ApiError, rateLimited } from '../errors/errors.ts';
import { roundedS } from '../spec/rounded-seconds.ts';

/** Very short estimates are wrong by more than their double. */
const LEAST_ESTIMATE_S = 5;

/**
 * The job with what is expected of it, and its deadline; without what an earlier run of it had.
 *
 * @param deadlineS seconds from now
 * @param estimate null where nobody can tell
 */
export function withPlan(
  { estimate: _estimate, overdueAt: _overdueAt, deadline: _deadline, slot: _slot, ...input }: GenerateVideoInput,
  deadlineS: number | undefined,
  estimate: JobEstimate | null,
): GenerateVideoInput {
  return {
    ...input,
    ...(estimate !== null && {
      estimate,
      overdueAt: Math.ceil(estimate.at + 2 * Math.max(LEAST_ESTIMATE_S, estimate.totalS)),
    }),
    ...(deadlineS !== undefined && { deadline: { at: Math.ceil(Date.now() / 1000) + deadlineS, seconds: deadlineS } }),
  };
}

/** @throws ApiError `deadline_unreachable` where finished jobs show that it would be finished after its deadline */
export function assertReachable({ deadline, estimate }: GenerateVideoInput): void {
  if (deadline === undefined || !estimate?.measured || estimate.totalS <= deadline.seconds) return;
  throw new ApiError('deadline_unreachable', {
    param: 'deadline_seconds',
    message: `The video would take about ${roundedS(estimate.totalS)} s, the wait for a GPU included, not ${deadline.seconds} s. Give it more time, or ask for a smaller or shorter one.`,
  });
}

/**
 * Back-pressure: what would wait for longer than is promised is not taken.
 *
 * @param mostS the promise, in seconds; null for none
 * @throws ApiError `queue_too_long` where finished jobs show so, with the time until the line is short enough
 */
export function assertPromised({ estimate }: GenerateVideoInput, mostS: number | null): void {
  if (mostS === null || !estimate?.measured || estimate.waitS <= mostS) return;
  throw rateLimited(
    `A video would wait about ${roundedS(estimate.waitS)} s for a GPU, and ${mostS} s is the most that this service promises.`,
    Math.max(1, estimate.waitS - mostS) * 1000,
    'queue_too_long',
  );
}
