import { type Account, NO_LIMITS } from '../../platform/accounts/account.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import type { AppDeps } from '../app-deps.ts';
import { assertPromised, assertReachable, withPlan } from './limits.ts';
import type { VideoRecord } from '../videos/video-cache.ts';
import { CreationTurns } from './create-limiter.ts';

/** How a video is asked for. */
export interface Asked {
  /** Seconds from now by which it is to be finished. */
  deadlineS?: number | undefined;
  /** It goes on from what an earlier run has done, so that nobody can tell how long it takes. */
  resumes?: boolean;
}

/** The one way in, for new videos and for those that are made once more. Nothing is kept of what is refused. */
export class Admission {
  readonly #deps: Pick<AppDeps, 'accounts' | 'policy' | 'queue' | 'usage' | 'limits'>;
  readonly #turns = new CreationTurns();

  constructor(deps: Pick<AppDeps, 'accounts' | 'policy' | 'queue' | 'usage' | 'limits'>) {
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
