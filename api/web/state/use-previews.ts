import { useEffect, useRef, useState } from 'react';
import type { Video } from '../client/types.ts';
import { previewPath } from '../client/videos.ts';
import { fetchWithRetry } from './use-file.ts';
import { useSession } from './use-service.ts';

/** A preview that this page has seen. */
export interface Preview {
  /** null where only the last one is known, after a reload. */
  step: number | null;
  /** Lives as long as the component. */
  address: string;
}

/** More are thinned out: each second one goes. */
const MOST = 64;

/**
 * The previews of one video that the page has seen, oldest first. They stay after the API offers them no more.
 *
 * @param video always the same one, at any time of its life
 */
export function usePreviews({ id, status, phase, preview_step: step }: Video): Preview[] {
  const { apiKey } = useSession();
  const [previews, setPreviews] = useState<Preview[]>([]);
  const made = useRef<string[]>([]);
  const running = status === 'in_progress';
  // After a reload, the page does not know the last step.
  const last = running && step == null && (phase === 'encoding' || phase === 'uploading');
  const path = running && step != null ? `${previewPath(id)}?step=${step}` : last ? previewPath(id) : null;

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const add = async () => {
      const address = URL.createObjectURL(await fetchWithRetry(path, abort.signal));
      made.current.push(address);
      setPreviews((old) => (last && old.length > 0 ? old : thinned([...old, { step: step ?? null, address }])));
    };
    // There may be none: the picture stays as it is.
    add().catch(() => {});
    return () => abort.abort();
  }, [path, apiKey]);
  useEffect(
    () => () => {
      for (const address of made.current.splice(0)) URL.revokeObjectURL(address);
    },
    [],
  );
  return previews;
}

const thinned = (previews: Preview[]): Preview[] =>
  previews.length > MOST ? previews.filter((_, at) => at % 2 === 1 || at === previews.length - 1) : previews;
