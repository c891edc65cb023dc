import type { Client } from '@temporalio/client';
import { within } from './deadline.ts';
import { ApiError } from './errors.ts';

/** Temporal as the API uses it: perhaps not there yet, and never waited for longer than a client would. */
export interface Temporal {
  /**
   * Runs calls of the client under a deadline.
   *
   * @throws ApiError `service_unavailable` where Temporal is not connected or does not answer in time
   */
  call<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** @throws where Temporal does not answer */
  check(): Promise<void>;
}

/**
 * @param client null until the first connection
 * @param timeoutMs of one call, the SDK's own retries included
 */
export function createTemporal(client: () => Client | null, timeoutMs: number): Temporal {
  const call: Temporal['call'] = async (work) => {
    const connected = client();
    if (connected === null) throw unavailable('Temporal is not connected yet.');
    // The SDK's retries sleep past their deadline, so the answer is given by a clock of our own.
    const answer = connected.withDeadline(Date.now() + timeoutMs, () => work(connected));
    return await within(timeoutMs, answer, () => unavailable('Temporal does not answer.'));
  };
  return {
    call,
    check: () =>
      call(async ({ connection, options: { namespace } }) => {
        await connection.workflowService.describeNamespace({ namespace });
      }),
  };
}

export const unavailable = (why: string) =>
  new ApiError('service_unavailable', { message: `${why} Try again in a few seconds.` });
