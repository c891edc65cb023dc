import { useEffect } from 'react';
import { isFinished, type Video } from '../client/types.ts';

/** Shows the progress in the tab, where it is seen from other tabs. */
export function usePageTitle(video: Video | null): void {
  const title = video === null || isFinished(video) ? 'Kinora' : `${video.progress} % · Kinora`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
