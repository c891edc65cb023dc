import { useEffect, useRef, useState } from 'react';
import { isTransient } from '../client/api-error.ts';
import { Backoff } from '../client/backoff.ts';
import { pause } from '../client/pause.ts';
import { fetchFile, fileAddress } from '../client/videos.ts';
import { useSession } from './use-service.ts';

/** A file for an element to show. */
export interface ShownFile {
  /** null until it is loaded. */
  address: string | null;
  /** It is unavailable: removed, or not playable. */
  failed: boolean;
  /** For the element that shows it. */
  onError: () => void;
}

/** Before the first retry, in ms. */
const RETRY_MS = 1_000;

/**
 * Address of a file of the API, for `<img>` or `<video>`. With an API key the page fetches the file itself, as these elements
 * send none. After an element failed it does so too, as elements do not say why. The file before stays until the next one
 * is loaded.
 *
 * @param path null for no file
 * @param fetched true always fetches, for a file that may be missing
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
    fetchWithRetry(path, abort.signal).then(
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

/** Retries until the signal aborts, while the server is busy or unreachable. @throws as `request` */
export async function fetchWithRetry(path: string, signal: AbortSignal): Promise<Blob> {
  for (const backoff = new Backoff(RETRY_MS); ;) {
    try {
      return await fetchFile(path, signal);
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw error;
      await pause(backoff.next(error), signal);
    }
  }
}
