import { useEffect, useState } from 'react';
import { isFinished, type Video } from '../client/types.ts';

/** The featured video's progress in the title, for viewers who are in another tab; "Done" until they come back. */
export function useTitle(video: Video | null): void {
  const working = video !== null && !isFinished(video);
  const [made, setMade] = useState<string | null>(null);
  const [done, setDone] = useState(false);
  const id = video?.id ?? null;
  // It was seen at work, and now is done.
  if (working && made !== id) setMade(id);
  if (!working && made !== null) {
    setMade(null);
    setDone(made === id && video?.status === 'completed' && document.hidden);
  }
  useEffect(() => {
    const seen = () => document.hidden || setDone(false);
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, []);
  const title = working ? `${video.progress} % · Kinora` : done ? 'Done · Kinora' : 'Kinora';
  useEffect(() => {
    document.title = title;
  }, [title]);
}
