import { useEffect, useRef, useState } from 'react';
import { isPassing } from '../client/api-error.ts';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import { fetchFile, fileAddress } from '../client/videos.ts';
import { useSession } from './use-session.ts';

/** A file to show: its address, null while it is not there yet. */
export interface ShownFile {
  address: string | null;
  /** It will not come: it was removed, or is not what it should be. */
  failed: boolean;
  /** For the element that shows it: says that it could not. */
  onError: () => void;
}

/** Before the first new try to fetch a file, in ms. */
const RETRY_MS = 1_000;

/**
 * Address of a file of the API that `<img>` or `<video>` can show. With an API key the page fetches it itself, because
 * they send none; so it does after they failed, because they do not say why. What was shown before stays until the next
 * file is there.
 *
 * @param path null shows none
 * @param fetched true fetches it always, e.g. for what may not be there
 */
export function useFile(path: string | null, fetched = false): ShownFile {
  const { apiKey } = useSession();
  const [refused, setRefused] = useState<string | null>(null);
  const fetches = fetched || apiKey !== null || refused === path;
  const [file, setFile] = useState<{ address: string | null; failed: boolean }>({ address: null, failed: false });
  const shown = useRef<string | null>(null);
  const show = (address: string | null) => {
    if (shown.current !== null) URL.revokeObjectURL(shown.current);
    shown.current = address;
  };
  useEffect(() => {
    if (path === null || !fetches) return;
    const abort = new AbortController();
    fetchPatiently(path, abort.signal).then(
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
  const onError = () => (fetches ? setFile({ address: null, failed: true }) : setRefused(path));
  if (path === null) return { address: null, failed: false, onError };
  return fetches ? { ...file, onError } : { address: fileAddress(path), failed: false, onError };
}

/** Tries again for as long as somebody looks, where the server is only busy or away. */
async function fetchPatiently(path: string, signal: AbortSignal): Promise<Blob> {
  for (const backoff = new Backoff(RETRY_MS); ;) {
    try {
      return await fetchFile(path, signal);
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await pause(backoff.next(error), signal);
    }
  }
}
