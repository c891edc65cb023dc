import type { GenerateVideoInput, JobEstimate } from '../../workflows/contract.ts';
import { ApiError } from '../errors.ts';
import { roundedS } from '../mapping/rounded-seconds.ts';

/**
 * The job with what is expected of it, and its deadline.
 *
 * @param deadlineS seconds from now
 * @param estimate null where nobody can tell
 */
export function withPlan(
  { estimate: _estimate, deadline: _deadline, ...input }: GenerateVideoInput,
  deadlineS: number | undefined,
  estimate: JobEstimate | null,
): GenerateVideoInput {
  return {
    ...input,
    ...(estimate !== null && { estimate }),
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
