import { useCallback, useEffect, useState } from 'react';

const PARAMETER = 'video';

const fromAddress = () => new URLSearchParams(location.search).get(PARAMETER);

/** Id of the video on the stage. It is in the page's address, so that a reload or a shared link shows the same. */
export function useVideoId(): [string | null, (id: string | null) => void] {
  const [id, setId] = useState(fromAddress);
  useEffect(() => {
    const follow = () => setId(fromAddress());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const show = useCallback((next: string | null) => {
    if (next !== fromAddress()) {
      const address = new URL(location.href);
      if (next === null) address.searchParams.delete(PARAMETER);
      else address.searchParams.set(PARAMETER, next);
      history.pushState(null, '', address);
    }
    setId(next);
  }, []);
  return [id, show];
}
