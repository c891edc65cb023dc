import { randomBytes } from 'node:crypto';

/**
 * A new id: `video_`, twelve hex digits of the time in ms, twenty random ones. Ids sort by time of creation and cannot be
 * guessed; a list that ends at a deleted video can still go on from its id.
 */
export function newVideoId(now: number = Date.now()): string {
  return `video_${now.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}

/** False for what cannot be the id of a video, whoever made it: other workflows' ids must not be reachable. */
export const isVideoId = (id: string): boolean => /^video_[A-Za-z0-9_-]{1,100}$/.test(id);

/** Unix seconds at which {@link newVideoId} made the id. */
export const createdAtOf = (id: string): number => Math.floor(Number.parseInt(id.slice(6, 18), 16) / 1000);
