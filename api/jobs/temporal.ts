import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../contract/names.ts';
import { within } from '../../platform/flow/deadline.ts';
import { ApiError, toApiError } from '../errors/errors.ts';

/** Temporal as the API uses it: perhaps not there yet, and never waited for longer than a client would. */
export interface Temporal {
  /**
   * Runs calls of the client under a deadline.
   *
   * @throws ApiError `service_unavailable` where Temporal is not connected or does not answer in time
   */
  call<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** Whether no call has got an answer for a second and more, though some were made. */
  readonly isAway: boolean;
  /** @throws where Temporal does not answer, or has never yet been able to take a new video or list any */
  check(): Promise<void>;
}

/** One slow answer is no outage. */
const AWAY_AFTER_MS = 1_000;

const PROBES = {
  Keyword: '= "readyz"',
  KeywordList: '= "readyz"',
  Datetime: '> "1970-01-01T00:00:00Z"',
  Bool: '= true',
};
/**
 * Finds nothing. A server learns of search attributes some seconds after they were registered, and until then takes neither
 * a list nor a start that names them.
 */
const PROBE = [
  'WorkflowId = "readyz"',
  ...Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name} ${PROBES[type]}`),
].join(' AND ');

/**
 * @param client null until the first connection
 * @param timeoutMs of one call, the SDK's own retries included
 */
export function createTemporal(client: () => Client | null, timeoutMs: number): Temporal {
  /** The calls without an answer since the last one that got any, and when the first of them ended, `performance.now()` ms. */
  let unanswered = { calls: 0, since: 0 };
  let listsWork = false;
  const call: Temporal['call'] = async (work) => {
    const connected = client();
    if (connected === null) throw unavailable('Temporal is not connected yet.');
    // The SDK's retries sleep past their deadline, so the answer is given by a clock of our own.
    const answer = connected.withDeadline(Date.now() + timeoutMs, () => work(connected));
    try {
      const given = await within(timeoutMs, answer, () => unavailable('Temporal does not answer.'));
      unanswered = { calls: 0, since: 0 };
      return given;
    } catch (error) {
      if (toApiError(error).code !== 'service_unavailable') unanswered = { calls: 0, since: 0 };
      else if (unanswered.calls++ === 0) unanswered.since = performance.now();
      throw error;
    }
  };
  return {
    call,
    get isAway() {
      return unanswered.calls > 1 && performance.now() - unanswered.since > AWAY_AFTER_MS;
    },
    check: () =>
      call(async ({ connection, options: { namespace } }) => {
        await connection.workflowService.describeNamespace({ namespace });
        // Once learnt, a search attribute stays; readiness needs no key, and searches are few.
        if (listsWork) return;
        await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1, query: PROBE });
        listsWork = true;
      }),
  };
}

export const unavailable = (why: string) =>
  new ApiError('service_unavailable', { message: `${why} Try again in a few seconds.` });
