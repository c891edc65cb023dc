import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { Lease } from '../storage/lease.ts';
import { deniedIn } from '../storage/object-store.ts';
import { confirmAttempt } from '../temporal/confirm-attempt.ts';
import { failure } from '../contract/failure.ts';
import type { ErrorCode } from '../contract/errors.ts';

/** As Temporal's documentation advises: often enough for progress and cancels, and far below the heartbeat timeout. */
const HEARTBEAT_MS = 1000;

/** What the body of an activity is given. */
export interface ActivityRun {
  /** Aborts when the activity is cancelled, has timed out, or its worker stops or has stood still. */
  signal: AbortSignal;
  /** Says how far the activity is; sent with the next heartbeat. */
  report: (details: object) => void;
}

/**
 * Runs the body of an activity with heartbeats, once Temporal has said that it waits for this attempt. Its errors
 * become what Temporal and the user understand: a cancel stays a cancel, a worker that stops or has stood still
 * hands over, a failure of the table passes, a store's refusal is `storage_denied`, and everything else becomes `code`,
 * with the error as its cause.
 */
export async function runActivity<T>(code: ErrorCode, body: (run: ActivityRun) => Promise<T>): Promise<T> {
  const context = Context.current();
  let details: object = {};
  const lease = new Lease(context.info.heartbeatTimeoutMs || Infinity, await confirmAttempt(context, details));
  const beat = () => {
    if (lease.renew()) context.heartbeat(details);
  };
  // A local activity is part of its workflow's task, which the SDK keeps alive.
  const timer = context.info.isLocal ? undefined : setInterval(beat, HEARTBEAT_MS);
  try {
    const signal = AbortSignal.any([context.cancellationSignal, lease.signal]);
    return await body({ signal, report: (latest) => void (details = latest) });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const handsOver = context.cancellationDetails?.workerShutdown || !lease.held;
    if (handsOver) throw failure('worker_shutdown', undefined, { cause: error });
    // Aborted reads and writes throw errors of many names.
    if (context.cancellationSignal.aborted) throw asCancel(context.cancellationSignal.reason);
    if (thrown instanceof ApplicationFailure) throw thrown;
    throw failure(deniedIn(error) ? 'storage_denied' : code, undefined, { cause: error });
  } finally {
    clearInterval(timer);
  }
}

const asCancel = (reason: unknown) =>
  reason instanceof CancelledFailure ? reason : new CancelledFailure('the activity was cancelled', [], undefined);
