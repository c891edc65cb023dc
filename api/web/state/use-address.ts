import { useCallback, useEffect, useState } from 'react';

const fromAddress = (name: string) => new URLSearchParams(location.search).get(name);

/** A query parameter of the page's address, so that a reload or a shared link shows the same; null if absent. */
export function useAddress(name: string): [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => fromAddress(name));
  useEffect(() => {
    const follow = () => setValue(fromAddress(name));
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [name]);
  const show = useCallback(
    (next: string | null) => {
      if (next !== fromAddress(name)) {
        const address = new URL(location.href);
        if (next === null) address.searchParams.delete(name);
        else address.searchParams.set(name, next);
        history.pushState(null, '', address);
      }
      setValue(next);
    },
    [name],
  );
  return [value, show];
}
