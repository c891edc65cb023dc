import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
} from '@temporalio/client';
import { failure } from '../contract/failure.ts';

/** Timeout of one request; it is repeated for as long as the heartbeat timeout. */
const ANSWER_MS = 2_000;
const PAUSE_MS = 200;

/**
 * Asks Temporal whether it still waits for this attempt. A worker that stood still, or whose connection did, is handed
 * attempts that were given up long ago: the video may have ended, and the clean-up too, and what such an attempt stored
 * would stay for ever. To be awaited before anything is stored; without a heartbeat timeout nothing is asked.
 *
 * @param details of the heartbeat that asks
 * @returns since when, at the earliest, Temporal's heartbeat timeout runs; in ms since 1970
 * @throws ApplicationFailure `worker_shutdown` where the attempt was given up, or Temporal does not answer
 */
export async function confirmAttempt({ client, info }: Context, details: unknown): Promise<number> {
  const begunAt = Date.now();
  const timeoutMs = info.heartbeatTimeoutMs ?? 0;
  if (timeoutMs === 0) return begunAt;
  for (let askedAt = begunAt; ; askedAt = Date.now()) {
    try {
      const ask = () => client.activity.heartbeat(info.taskToken, details);
      await client.activity.withDeadline(askedAt + ANSWER_MS, ask);
      return askedAt;
    } catch (error) {
      if (isToStop(error)) return askedAt;
      const over = error instanceof ActivityNotFoundError || askedAt - begunAt > timeoutMs;
      if (over) throw failure('worker_shutdown', undefined, { cause: error });
    }
    await sleep(PAUSE_MS);
  }
}

/** Temporal waits for it, and tells it more with the answer to its next heartbeat. */
const isToStop = (error: unknown) =>
  [ActivityCancelledError, ActivityPausedError, ActivityResetError].some((known) => error instanceof known);
