import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ExpiryActivities } from './contract.ts';
import { POLICIES } from './policies.ts';

const { removeExpired } = proxyActivities<ExpiryActivities>(POLICIES.removeExpired);

/**
 * Removes the files of videos whose time is over; started by a schedule, again and again.
 *
 * @returns unix seconds up to which it has done so: where the next one goes on
 */
export async function expireVideos(): Promise<number> {
  const { lastResult } = workflowInfo();
  return await removeExpired(typeof lastResult === 'number' ? lastResult : null);
}
