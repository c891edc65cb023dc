import { useCallback, useMemo, useRef, useState } from 'react';
import type { Video } from '../client/types.ts';
import { placeOf, type Sorted } from './sorted-videos.ts';

export interface Selection {
  ids: ReadonlySet<string>;
  /** The selected videos, in the order of the gallery. */
  videos: Video[];
  /** Selects a video or not; `range` selects all from the one before to it. */
  toggle: (id: string, range: boolean) => void;
  all: () => void;
  clear: () => void;
}

/**
 * The videos that a viewer has selected.
 *
 * @param shown those of the gallery; others are not selected any more
 */
export function useSelection(shown: Sorted): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const latest = useRef(shown);
  latest.current = shown;
  /** Where a range begins. */
  const anchor = useRef<string | null>(null);
  const toggle = useCallback((id: string, range: boolean) => {
    const from = anchor.current;
    anchor.current = id;
    setChosen((old) => {
      if (range && from !== null) {
        const [a, b] = [placeOf(latest.current, from), placeOf(latest.current, id)];
        const between = latest.current.slice(Math.min(a, b), Math.max(a, b) + 1);
        return new Set([...old, ...between.map((video) => video.id)]);
      }
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const all = useCallback(() => setChosen(new Set(latest.current.map(({ id }) => id))), []);
  const clear = useCallback(() => {
    anchor.current = null;
    setChosen(new Set());
  }, []);
  return useMemo(() => {
    const videos = chosen.size === 0 ? [] : shown.filter(({ id }) => chosen.has(id));
    return { ids: new Set(videos.map(({ id }) => id)), videos, toggle, all, clear };
  }, [chosen, shown, toggle, all, clear]);
}
