import { useEffect, useRef, useState } from 'react';
import { placeOf, type Sorted } from './sorted-videos.ts';

/**
 * Holds new videos back while the viewer has scrolled into the gallery, so that no card moves away under the pointer.
 *
 * @param videos those that the filter finds
 * @param gallery id of its element
 * @param key of the filter: all that another one finds are shown
 */
export function useHeldBack(videos: Sorted, gallery: string, key: string): { shown: Sorted; waiting: number } {
  /** Id of the newest video when the gallery's beginning was scrolled away; null while it is in sight. */
  const [newest, setNewest] = useState<string | null>(null);
  const latest = useRef(videos);
  latest.current = videos;
  useEffect(() => {
    setNewest(null);
    const follow = () => {
      const top = document.getElementById(gallery)?.getBoundingClientRect().top ?? 0;
      setNewest((old) => (top < 0 ? (old ?? latest.current[0]?.id ?? null) : null));
    };
    addEventListener('scroll', follow, { passive: true });
    return () => removeEventListener('scroll', follow);
  }, [gallery, key]);
  const waiting = newest === null ? 0 : placeOf(videos, newest);
  return { shown: waiting === 0 ? videos : videos.slice(waiting), waiting };
}
