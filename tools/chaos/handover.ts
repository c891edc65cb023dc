import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

const POLL_MS = 250;
/** An attempt that goes on for so long was not ended by what happened to it. */
const GIVE_UP_MS = 60_000;

/**
 * Watches a video whose attempt on a device was hit.
 *
 * @returns seconds from now until another attempt may begin, whether or not a device is free for it; null where the one
 *   that was hit goes on
 */
export async function handedOn(temporal: Client, videoId: string): Promise<number | null> {
  const since = Date.now();
  let first: number | null = null;
  for (; Date.now() - since < GIVE_UP_MS; await sleep(POLL_MS)) {
    // Temporal itself may be what was hit.
    const description = await temporal.workflow
      .getHandle(videoId)
      .describe()
      .catch(() => null);
    if (description === null) continue;
    const generate = description.raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'generate');
    const attempt = generate?.attempt ?? null;
    if (attempt === null) return null;
    first ??= attempt;
    if (attempt > first) return (Date.now() - since) / 1000;
  }
  return null;
}
