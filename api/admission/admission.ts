import { type Account, NO_LIMITS } from '../../platform/accounts/account.ts';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import type { PromptPolicy } from '../policy/prompt-policy.ts';
import { estimateOf, type Forecast, type JobQueue } from '../queue/job-queue.ts';
import type { AccountSlots } from './slots.ts';
import { type VideoRecord, roundedS } from '../jobs/video-object.ts';
import { CreateLimiter } from './create-limiter.ts';
import type { GenerateVideoInput, JobEstimate } from '../../contract/video-job.ts';
import { ApiError, rateLimited } from '../errors/errors.ts';

/** What it takes to say whether a video may be made. */
export interface AdmissionDeps {
  /** Who may use the service. */
  accounts: AccountRegistry;
  /** Holds each of them to its limit of unfinished videos. */
  slots: AccountSlots;
  /** Which prompts are refused. */
  policy: PromptPolicy;
  /** The line before the GPUs. */
  queue: JobQueue;
  limits: {
    /** Seconds that a new video may have to wait for a GPU; null for any. */
    queueWaitS: number | null;
  };
}

/** How a video is asked for. */
export interface Asked {
  /** Seconds from now by which it is to be finished. */
  deadlineS?: number | undefined;
  /** It goes on from what an earlier run has done, so that its time cannot be estimated. */
  resumes?: boolean;
}

/** The jobs of one request: one, or those of a group in order. */
export type Jobs = readonly [GenerateVideoInput, ...GenerateVideoInput[]];

/** The one way in, for new videos and for those that are made once more. Nothing is kept of what is refused. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #limiter = new CreateLimiter();

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Runs the handling of a request for a video, as {@link CreateLimiter.admit} does. */
  handle<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    return this.#limiter.admit(accountId, work);
  }

  /**
   * Runs `start`, which starts the videos of one request, if all of them may be made now. An account that is no longer known has
   * no limits.
   *
   * @param inputs alike but for what tells the videos of a group apart
   * @throws ApiError `prompt_refused`, `deadline_unreachable`, `queue_too_long`, `rate_limit_exceeded`,
   *   `service_unavailable`, and whatever `start` throws
   */
  async admit(
    inputs: Jobs,
    { deadlineS, resumes = false }: Asked,
    start: (inputs: Jobs) => Promise<VideoRecord[]>,
  ): Promise<VideoRecord[]> {
    const { policy, slots } = this.#deps;
    const { accountId, spec } = inputs[0];
    await policy.check({ ...spec, accountId });
    return await this.#limiter.take(accountId, async () => {
      const { planned } = await this.#plan(inputs, { deadlineS, resumes });
      return await slots.admit(this.#ownerOf(accountId), planned, start);
    });
  }

  /**
   * What each of the videos of one request would take, where {@link admit} would let them in now. Nothing is started or reserved.
   *
   * @returns null while nothing is known of the queue
   * @throws ApiError as {@link admit}; a prompt that is not known yet is not checked
   */
  async forecasts(inputs: Jobs, asked: Asked): Promise<Forecast[] | null> {
    const { policy, slots } = this.#deps;
    const { accountId, spec } = inputs[0];
    if (spec.prompt !== '') await policy.check({ ...spec, accountId });
    const { forecasts } = await this.#plan(inputs, asked);
    await slots.assertFree(this.#ownerOf(accountId), inputs.length);
    return forecasts;
  }

  /** @throws ApiError where any of them would take too long */
  async #plan(
    inputs: Jobs,
    { deadlineS, resumes = false }: Asked,
  ): Promise<{ planned: Jobs; forecasts: Forecast[] | null }> {
    const { queue, limits } = this.#deps;
    await queue.refreshed();
    const forecasts = queue.forecasts(inputs);
    const deadline = deadlineS === undefined ? undefined : deadlineIn(deadlineS);
    const planned = inputs.map((input, i) => {
      const forecast = forecasts?.[i];
      return withPlan(input, deadline, forecast ? estimateOf(forecast) : null);
    }) as [GenerateVideoInput, ...GenerateVideoInput[]];
    for (const input of planned) {
      if (!resumes) assertReachable(input);
      assertPromised(input, limits.queueWaitS);
    }
    return { planned, forecasts };
  }

  #ownerOf(accountId: string): Pick<Account, 'id' | 'limits'> {
    return this.#deps.accounts.byId(accountId) ?? { id: accountId, limits: NO_LIMITS };
  }
}

const deadlineIn = (seconds: number) => ({ at: Math.ceil(Date.now() / 1000) + seconds, seconds });

/** Very short estimates are wrong by more than their double. */
const LEAST_ESTIMATE_S = 5;

/**
 * The job with what is expected of it, and its deadline; without what an earlier run of it had.
 *
 * @param estimate null where it is unknown
 */
export function withPlan(
  { estimate: _estimate, overdueAt: _overdueAt, deadline: _deadline, slot: _slot, ...input }: GenerateVideoInput,
  deadline: GenerateVideoInput['deadline'],
  estimate: JobEstimate | null,
): GenerateVideoInput {
  return {
    ...input,
    ...(estimate !== null && {
      estimate,
      overdueAt: Math.ceil(estimate.at + 2 * Math.max(LEAST_ESTIMATE_S, estimate.totalS)),
    }),
    ...(deadline && { deadline }),
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
 * @throws ApiError `queue_too_long` where finished jobs show so, with the time until the queue is short enough
 */
export function assertPromised({ estimate }: GenerateVideoInput, mostS: number | null): void {
  if (mostS === null || !estimate?.measured || estimate.waitS <= mostS) return;
  throw rateLimited(
    `A video would wait about ${roundedS(estimate.waitS)} s for a GPU, and ${mostS} s is the most that this service promises.`,
    Math.max(1, estimate.waitS - mostS) * 1000,
    'queue_too_long',
  );
}
