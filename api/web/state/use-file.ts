import { useEffect, useRef, useState } from 'react';
import { fetchFile, fileAddress } from '../client/videos.ts';
import { useSession } from './use-session.ts';

/** A file to show: its address, null while it is not there yet. */
export interface ShownFile {
  address: string | null;
  failed: boolean;
}

const NONE: ShownFile = { address: null, failed: false };

/**
 * Address of a file of the API that `<img>` or `<video>` can show. With an API key the page fetches it itself, because
 * they send none; what was shown before stays until the next file is there.
 *
 * @param path null shows none
 * @param fetched true fetches it always, e.g. for what may not be there
 */
export function useFile(path: string | null, fetched = false): ShownFile {
  const { apiKey } = useSession();
  const fetches = fetched || apiKey !== null;
  const [file, setFile] = useState(NONE);
  const shown = useRef<string | null>(null);
  const show = (address: string | null) => {
    if (shown.current !== null) URL.revokeObjectURL(shown.current);
    shown.current = address;
  };
  useEffect(() => {
    if (path === null || !fetches) return;
    const abort = new AbortController();
    fetchFile(path, abort.signal).then(
      (blob) => {
        show(URL.createObjectURL(blob));
        setFile({ address: shown.current, failed: false });
      },
      () => {
        if (!abort.signal.aborted) setFile({ address: shown.current, failed: true });
      },
    );
    return () => abort.abort();
  }, [path, fetches, apiKey]);
  useEffect(() => () => show(null), []);
  if (path === null) return NONE;
  return fetches ? file : { address: fileAddress(path), failed: false };
}
