import { type CSSProperties, type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { placeOf, type Sorted } from '../../state/sorted-videos.ts';
import type { Selection } from '../../state/use-selection.ts';
import type { Video } from '../../client/types.ts';
import { GALLERY_TITLE } from './library-head.tsx';
import { useRows } from './use-rows.ts';
import './card-grid.css';

interface Props {
  videos: Sorted;
  /** There are older ones, which the list does not hold yet. */
  more: boolean;
  selection: Selection;
  /** Called when the window nears the last card. */
  onEnd: () => void;
  card: (video: Video) => ReactNode;
}

/** Rows before the end at which more are loaded. */
const NEAR = 4;

/**
 * The cards near the window, however many there are, and the one that has the focus. Arrows walk them; with Shift they
 * select.
 */
export function CardGrid({ videos, more, selection, onEnd, card }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  /** The card that an arrow goes to; it may have to be rendered first. */
  const [target, setTarget] = useState<string | null>(null);
  const place = (id: string | null | undefined) => {
    const at = id ? placeOf(videos, id) : -1;
    return videos[at]?.id === id ? at : -1;
  };
  const rows = useRows(list, videos.length, [place(focused), place(target)]);
  const { columns, shown } = rows;
  const isNearEnd = (shown.at(-1) ?? 0) + NEAR >= videos.length / columns;
  useLayoutEffect(() => {
    if (more && isNearEnd) onEnd();
  }, [more, isNearEnd, videos.length, onEnd]);

  const focus = (id: string | undefined) => {
    const link = id && list.current?.querySelector<HTMLElement>(`[data-card="${id}"] .video-card-prompt`);
    (link || document.getElementById(GALLERY_TITLE))?.focus();
  };
  useLayoutEffect(() => {
    if (target === null) return;
    setTarget(null);
    focus(target);
  }, [target]);
  useLayoutEffect(() => {
    // The focused card was removed: the next one takes its place.
    if (focused === null || place(focused) !== -1 || document.activeElement !== document.body) return;
    setFocused(null);
    focus((videos[placeOf(videos, focused)] ?? videos.at(-1))?.id);
  });

  const press = (event: KeyboardEvent) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, target: element } = event;
    if (!(element instanceof HTMLElement) || element.closest('[role=menu]') !== null || altKey) return;
    const id = element.closest<HTMLElement>('[data-card]')?.dataset['card'];
    const at = place(id);
    if (id === undefined || at === -1) return;
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() !== 'a') return;
      selection.all();
      done();
      return;
    }
    if (key.toLowerCase() === 'x') {
      selection.toggle(id, shiftKey);
      done();
      return;
    }
    const forward = getComputedStyle(list.current!).direction === 'rtl' ? -1 : 1;
    const steps = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: columns, ArrowUp: -columns }[key];
    if (steps === undefined) return;
    done();
    const next = videos[at + steps];
    if (next === undefined) return;
    if (shiftKey) {
      if (!selection.ids.has(id)) selection.toggle(id, false);
      selection.toggle(next.id, true);
    }
    setTarget(next.id);
  };
  return (
    <ul
      ref={list}
      className="gallery-grid"
      style={{ blockSize: rows.height, '--columns': columns } as CSSProperties}
      onKeyDown={press}
      onFocus={({ target: element }) => {
        const id = element.closest<HTMLElement>('[data-card]')?.dataset['card'];
        if (id !== undefined) setFocused(id);
      }}
    >
      {shown.flatMap((row) =>
        videos.slice(row * columns, (row + 1) * columns).map((video, column) => (
          <li
            key={video.id}
            data-card={video.id}
            aria-setsize={more ? -1 : videos.length}
            aria-posinset={row * columns + column + 1}
            style={{ '--top': `${row * rows.rowHeight}px`, '--column': column } as CSSProperties}
          >
            {card(video)}
          </li>
        )),
      )}
    </ul>
  );
}
