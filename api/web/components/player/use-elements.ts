import { useCallback, useMemo, useState } from 'react';

/** The elements that play some videos. */
export interface VideoElements {
  /** Of the first video; null until it is there. */
  leader: HTMLVideoElement | null;
  /** Of the others that are there; another array only where they change. */
  followers: HTMLVideoElement[];
  /** Stable; for a `ref` of each element. */
  register: (id: string, element: HTMLVideoElement | null) => void;
}

/** Collects the elements of videos. @param ids in their order */
export function useElements(ids: string[]): VideoElements {
  const [elements, setElements] = useState<ReadonlyMap<string, HTMLVideoElement>>(new Map());
  const register = useCallback(
    (id: string, element: HTMLVideoElement | null) =>
      setElements((old) => {
        if ((old.get(id) ?? null) === element) return old;
        const next = new Map(old);
        if (element === null) next.delete(id);
        else next.set(id, element);
        return next;
      }),
    [],
  );
  const others = ids.slice(1).join();
  const followers = useMemo(() => others.split(',').flatMap((id) => elements.get(id) ?? []), [others, elements]);
  return { leader: elements.get(ids[0] ?? '') ?? null, followers, register };
}
