import { keys } from '../../storage/keys.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/object-store.ts';

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
