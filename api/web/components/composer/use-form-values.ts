import { useEffect, useRef, useState } from 'react';
import type { Model, Video } from '../../client/types.ts';
import { type Draft, draftOf, emptyDraft, UNSETTLED } from './form-values.ts';
import { storedDraft, storeDraft } from './form-store.ts';

/**
 * What the form holds. It outlives a reload of the page.
 *
 * @param model null until the server has said what it makes
 * @param edited a video whose settings are taken over, once for each object
 */
export function useDraft(model: Model | null, edited: Video | null): [Draft, (part: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => storedDraft() ?? UNSETTLED);
  useEffect(() => {
    // What has been typed meanwhile stays.
    if (model) setDraft((old) => (old.size === '' ? { ...emptyDraft(model), prompt: old.prompt } : old));
  }, [model]);
  const taken = useRef<Video | null>(null);
  useEffect(() => {
    if (!edited || !model || taken.current === edited) return;
    taken.current = edited;
    setDraft(draftOf(edited, model));
  }, [edited, model]);
  useEffect(() => storeDraft(draft === UNSETTLED ? null : draft), [draft]);
  return [draft, (part) => setDraft((old) => ({ ...old, ...part }))];
}
