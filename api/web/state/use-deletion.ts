import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../client/api-error.ts';
import type { Video } from '../client/types.ts';
import { deleteVideo } from '../client/videos.ts';
import { outcomeText } from '../format/outcome.ts';
import { inParallel } from './in-parallel.ts';

/** How long a deletion can be undone, in ms. */
const UNDO_MS = 8_000;

export interface Deletion {
  /** Ids of the videos that are deleted for the viewer, and perhaps not yet on the server. */
  hidden: ReadonlySet<string>;
  /** Those that can still be brought back. */
  pending: Video[];
  remove: (videos: Video[]) => void;
  undo: () => void;
  /** Stops the time while the viewer is about to undo. */
  hold: (held: boolean) => void;
}

/**
 * Deletes videos after a time in which it can be undone; at once when the page is left.
 *
 * @param onDeleted stable function, called with the id of each video that the server has deleted
 * @param notify stable function, shows a message
 */
export function useDeletion(onDeleted: (id: string) => void, notify: (text: string) => void): Deletion {
  const [pending, setPending] = useState<Video[]>([]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [held, hold] = useState(false);
  const show = useCallback((videos: Video[]) => {
    const ids = new Set(videos.map(({ id }) => id));
    setHidden((old) => new Set([...old].filter((id) => !ids.has(id))));
  }, []);
  const latest = useRef(pending);
  latest.current = pending;

  const commit = useCallback(
    async (atOnce?: number) => {
      const videos = latest.current;
      latest.current = [];
      setPending([]);
      hold(false);
      const failed = await inParallel(videos, (video) => deleteOne(video).then(() => onDeleted(video.id)), atOnce);
      show(videos);
      if (failed.length > 0) notify(outcomeText(videos.length, failed, 'deleted'));
    },
    [onDeleted, notify, show],
  );
  useEffect(() => {
    if (pending.length === 0 || held) return;
    const timer = setTimeout(() => void commit(), UNDO_MS);
    return () => clearTimeout(timer);
  }, [pending, held, commit]);
  useEffect(() => {
    const leave = () => void commit(Number.POSITIVE_INFINITY);
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [commit]);

  const remove = useCallback((videos: Video[]) => {
    setPending((old) => [...old, ...videos]);
    setHidden((old) => new Set([...old, ...videos.map(({ id }) => id)]));
  }, []);
  const undo = useCallback(() => {
    show(latest.current);
    setPending([]);
    hold(false);
  }, [show]);
  return useMemo(() => ({ hidden, pending, remove, undo, hold }), [hidden, pending, remove, undo]);
}

async function deleteOne({ id }: Video): Promise<void> {
  await deleteVideo(id).catch((error: unknown) => {
    // It was deleted elsewhere meanwhile.
    if (!(error instanceof ApiError && error.code === 'video_not_found')) throw error;
  });
}
