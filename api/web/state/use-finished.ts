import { useEffect, useRef, useState } from 'react';
import { isFinished, type Video } from '../client/types.ts';

/**
 * Notices videos that become finished while the page is open.
 *
 * @param featuredId id of the video that the page shows large; null for none
 * @param onFinished called once for each that was completed
 * @returns ids of those that have not been shown large since
 */
export function useFinished(
  videos: Video[],
  featuredId: string | null,
  onFinished: (video: Video) => void,
): ReadonlySet<string> {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const unfinished = useRef<ReadonlySet<string>>(new Set());
  const latest = useRef(onFinished);
  latest.current = onFinished;
  useEffect(() => {
    const completed = videos.filter(({ id, status }) => status === 'completed' && unfinished.current.has(id));
    unfinished.current = new Set(videos.filter((video) => !isFinished(video)).map(({ id }) => id));
    if (completed.length === 0) return;
    setFresh((old) => new Set([...old, ...completed.map(({ id }) => id)]));
    for (const video of completed) latest.current(video);
  }, [videos]);
  useEffect(() => {
    if (featuredId === null) return;
    setFresh((old) => (old.has(featuredId) ? new Set([...old].filter((id) => id !== featuredId)) : old));
  }, [featuredId, fresh]);
  return fresh;
}
