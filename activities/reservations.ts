import type { Client } from '@temporalio/client';
import { listedVideo, type RequestKeyMemo, requestKeyId } from '../temporal/request-keys.ts';
import { release, reserved, type Reserved } from '../temporal/reservations.ts';
import { isSlotInUse, type SlotMemo } from '../temporal/slots.ts';
import type { ReservationActivities } from '../contract/activities.ts';
import { RESERVATION } from '../contract/names.ts';
import { runActivity } from './run-activity.ts';

/** Longer than any request: one that began before the video was listed has ended by then, in ms. */
const OLD_ENOUGH_MS = 10 * 60_000;
const KEY_PREFIX = requestKeyId('');

/**
 * Releases reservations, and sweeps those that were left behind.
 *
 * @param temporal the client, which is there before the first activity
 * @param oldEnoughMs age of those that are swept @default ten minutes
 */
export function reservationActivities(
  temporal: () => Client,
  oldEnoughMs: number = OLD_ENOUGH_MS,
): ReservationActivities {
  return {
    releaseSlot: (slot) => runActivity('internal_error', () => release(temporal(), slot)),

    sweepReservations: () =>
      runActivity('internal_error', async ({ signal }) => {
        const client = temporal();
        const before = new Date(Date.now() - oldEnoughMs).toISOString();
        const query = `WorkflowType = "${RESERVATION}" AND StartTime < "${before}"`;
        for await (const { workflowId } of client.workflow.list({ query })) {
          signal.throwIfAborted();
          const found = await reserved(client, workflowId);
          if (found !== null && !(await isNeeded(client, workflowId, found))) await release(client, found.reservation);
        }
      }),
  };
}

async function isNeeded(client: Client, workflowId: string, found: Reserved<SlotMemo | RequestKeyMemo>) {
  if (!workflowId.startsWith(KEY_PREFIX)) return await isSlotInUse(client, found as Reserved<SlotMemo>, 0);
  // From now on the list tells whose key it is; or there is no video, and never will be.
  if ((await listedVideo(client, workflowId.slice(KEY_PREFIX.length))) !== null) return false;
  const { videoId } = found.memo;
  return !videoId || (await reserved(client, videoId)) !== null;
}
