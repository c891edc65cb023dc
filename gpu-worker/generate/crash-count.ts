import type { GenerateHeartbeat } from '../../contract/progress.ts';
import { keys } from '../../storage/keys.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts';

/** Attempts in a row that may end without a word, and get no further, before the job is given up as the cause. */
export const MAX_CRASHES = 3;

/** What an attempt finds as it begins. */
export interface AttemptBefore {
  /** The last heartbeat of the attempts before; null where none of them sent one. */
  previous: GenerateHeartbeat | null;
  /** Step that this attempt goes on from. */
  fromStep: number;
  /** The last attempt that noted its orderly end, whether Temporal heard of it or not; 0 where none did. */
  lastEnded: number;
}

/**
 * Attempts in a row, up to the one before this, that ended without a word: killed with their worker, or never heard of.
 * An attempt that ended in an orderly way begins the count anew, and so does one that left the job further than it was.
 *
 * @param attempt the one that begins now, from 1.
 */
export function crashesBefore(attempt: number, { previous, fromStep, lastEnded }: AttemptBefore): number {
  const sinceEnded = attempt - 1 - lastEnded;
  if (previous === null) return sinceEnded;
  // An operator's reset numbers the attempts afresh.
  if (previous.attempt >= attempt) return 0;
  const progressed = previous.fromStep !== undefined && fromStep > previous.fromStep;
  const upToPrevious = previous.clean ? previous.crashes : (progressed ? 0 : previous.crashes) + 1;
  return Math.min(sinceEnded, upToPrevious + attempt - previous.attempt - 1);
}

/** An attempt at a video, in one run of its workflow. */
export interface AttemptName {
  videoId: string;
  runId: string;
  attempt: number;
}

/**
 * Notes in the store that an attempt ended in an orderly way. Temporal does not hear that from one that it has given up:
 * it did not answer for long, or the process stood still, and neither is a fault of the job.
 */
export function noteEnd(store: ObjectStore, name: AttemptName, signal: AbortSignal): Promise<ObjectInfo> {
  return store.put(keys.endedAttempt(name.videoId, name.runId, name.attempt), Buffer.alloc(0), { signal });
}

/** The last attempt before this one that noted its end; 0 where none did. */
export async function lastEnded(store: ObjectStore, { videoId, runId, attempt }: AttemptName): Promise<number> {
  let last = 0;
  const prefix = keys.endedAttempt(videoId, runId, '');
  for await (const { key } of store.list(keys.prefix(videoId))) {
    const ended = key.startsWith(prefix) ? Number(key.slice(prefix.length)) : 0;
    if (ended < attempt) last = Math.max(last, ended);
  }
  return last;
}
