import { type RefObject, useLayoutEffect, useState } from 'react';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';

/** Rows that are rendered above and below the window, so that scrolling shows no gaps. */
const OVERSCAN = 3;
/** Of a card, in rem, or as a share of the grid: a phone has two columns. */
const CARD_REM = 14.25;
const CARD_SHARE = 0.46;

interface Layout {
  columns: number;
  /** With the gap below it, in px. */
  rowHeight: number;
  /** Of the grid in the page, in px. */
  top: number;
}

export interface Rows extends Omit<Layout, 'top'> {
  /** The rows to render, in order. */
  shown: number[];
  /** Of the grid, in px. */
  height: number;
}

/**
 * The rows of a grid of equally high cards that the window shows, and some around them.
 *
 * @param count of cards
 * @param kept numbers of cards that are rendered wherever the window is
 */
export function useRows(grid: RefObject<HTMLElement | null>, count: number, kept: number[]): Rows {
  const [layout, setLayout] = useState<Layout>({ columns: 1, rowHeight: 240, top: 0 });
  const { columns, rowHeight, top } = layout;
  const isEmpty = count === 0;
  useLayoutEffect(() => {
    const measure = () => setLayout((old) => layoutOf(grid.current!, old));
    measure();
    // What is above the grid can grow, too.
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    observer.observe(grid.current!);
    const card = grid.current!.firstElementChild;
    if (card) observer.observe(card);
    return () => observer.disconnect();
  }, [grid, columns, isEmpty]);
  const rows = Math.ceil(count / columns);
  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: top,
    useFlushSync: false,
    rangeExtractor: (range) => {
      const keptRows = kept.map((card) => Math.floor(card / columns)).filter((row) => row >= 0 && row < rows);
      return [...new Set([...defaultRangeExtractor(range), ...keptRows])].toSorted((a, b) => a - b);
    },
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);
  return {
    columns,
    rowHeight,
    shown: virtualizer.getVirtualItems().map(({ index }) => index),
    height: rows * rowHeight,
  };
}

function layoutOf(grid: HTMLElement, old: Layout): Layout {
  const { rowGap, columnGap, fontSize } = getComputedStyle(grid);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || Number.parseFloat(fontSize);
  const gap = Number.parseFloat(columnGap);
  const width = grid.clientWidth;
  const least = Math.min(CARD_SHARE * width, CARD_REM * rem);
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const card = grid.firstElementChild;
  const rowHeight = card ? card.getBoundingClientRect().height + Number.parseFloat(rowGap) : old.rowHeight;
  const top = Math.round(grid.getBoundingClientRect().top + scrollY);
  const isSame = columns === old.columns && Math.abs(rowHeight - old.rowHeight) < 0.5 && top === old.top;
  return isSame ? old : { columns, rowHeight, top };
}
