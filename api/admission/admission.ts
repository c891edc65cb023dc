import { type Account, NO_LIMITS } from '../../platform/accounts/account.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import type { PromptPolicy } from '../policy/prompt-policy.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { AccountUsage } from './usage.ts';
import { assertPromised, assertReachable, withPlan } from './limits.ts';
import type { VideoRecord } from '../jobs/video-record.ts';
import { CreationTurns } from './create-limiter.ts';

/** What it takes to say whether a video may be made. */
export interface AdmissionDeps {
  /** Who may use the service. */
  accounts: AccountRegistry;
  /** What each of them has of it. */
  usage: AccountUsage;
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
  /** It goes on from what an earlier run has done, so that nobody can tell how long it takes. */
  resumes?: boolean;
}

/** The one way in, for new videos and for those that are made once more. Nothing is kept of what is refused. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #turns = new CreationTurns();

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Runs the handling of a request for a video, as {@link CreationTurns.admit} does. */
  handle<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.admit(accountId, work);
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
    const { accounts, policy, queue, usage, limits } = this.#deps;
    const { accountId, spec } = input;
    await policy.check({ ...spec, accountId });
    const owner: Pick<Account, 'id' | 'limits'> = accounts.byId(accountId) ?? { id: accountId, limits: NO_LIMITS };
    return await this.#turns.take(accountId, async () => {
      await queue.refreshed();
      const planned = withPlan(input, deadlineS, queue.quote(input));
      if (!resumes) assertReachable(planned);
      assertPromised(planned, limits.queueWaitS);
      return await usage.admit(owner, planned, start);
    });
  }
}
