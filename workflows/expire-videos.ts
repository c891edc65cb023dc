import { log, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ExpiryActivities, ReservationActivities } from '../contract/activities.ts';
import { POLICIES } from './policies.ts';

const { removeExpired } = proxyActivities<ExpiryActivities>(POLICIES.removeExpired);

const { sweepReservations } = proxyActivities<Pick<ReservationActivities, 'sweepReservations'>>(
  POLICIES.sweepReservations,
);

/** Before it there were no reservations. */
const SWEEPS_RESERVATIONS = 'sweeps-reservations';

/**
 * Removes the files of videos whose time is over, and reservations that have served their purpose; started by a schedule, again and again.
 *
 * @returns unix seconds up to which it has done so: where the next one goes on
 */
export async function expireVideos(): Promise<number> {
  const { lastResult } = workflowInfo();
  if (patched(SWEEPS_RESERVATIONS)) {
    // The next one comes soon.
    await sweepReservations().catch((error: unknown) => log.warn('Reservations were left behind', { error }));
  }
  return await removeExpired(typeof lastResult === 'number' ? lastResult : null);
}
