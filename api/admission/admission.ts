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
   * Runs `start`, which starts the video, if it may be made now. An account that is no longer known has no limits.
   *
   * @throws ApiError `prompt_refused`, `deadline_unreachable`, `queue_too_long`, `rate_limit_exceeded`,
   *   `service_unavailable`, and whatever `start` throws
   */
  async admit(
    input: GenerateVideoInput,
    { deadlineS, resumes = false }: Asked,
    start: (input: GenerateVideoInput) => Promise<VideoRecord>,
  ): Promise<VideoRecord> {
    const { policy, slots } = this.#deps;
    const { accountId, spec } = input;
    await policy.check({ ...spec, accountId });
    return await this.#limiter.take(accountId, async () => {
      const { planned } = await this.#plan(input, { deadlineS, resumes });
      return await slots.admit(this.#ownerOf(accountId), planned, start);
    });
  }

  /**
   * What a video would take, where {@link admit} would let it in now. Nothing is started or reserved.
   *
   * @returns null while nothing is known of the queue
   * @throws ApiError as {@link admit}; a prompt that is not known yet is not checked
   */
  async forecast(input: GenerateVideoInput, asked: Asked): Promise<Forecast | null> {
    const { policy, slots } = this.#deps;
    const { accountId, spec } = input;
    if (spec.prompt !== '') await policy.check({ ...spec, accountId });
    const { forecast } = await this.#plan(input, asked);
    await slots.assertFree(this.#ownerOf(accountId));
    return forecast;
  }

  /** @throws ApiError where it would take too long */
  async #plan(
    input: GenerateVideoInput,
    { deadlineS, resumes = false }: Asked,
  ): Promise<{ planned: GenerateVideoInput; forecast: Forecast | null }> {
    const { queue, limits } = this.#deps;
    await queue.refreshed();
    const forecast = queue.forecast(input);
    const planned = withPlan(input, deadlineS, forecast && estimateOf(forecast));
    if (!resumes) assertReachable(planned);
    assertPromised(planned, limits.queueWaitS);
    return { planned, forecast };
  }

  #ownerOf(accountId: string): Pick<Account, 'id' | 'limits'> {
    return this.#deps.accounts.byId(accountId) ?? { id: accountId, limits: NO_LIMITS };
  }
}

/** Very short estimates are wrong by more than their double. */
const LEAST_ESTIMATE_S = 5;

/**
 * The job with what is expected of it, and its deadline; without what an earlier run of it had.
 *
 * @param deadlineS seconds from now
 * @param estimate null where it is unknown
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
