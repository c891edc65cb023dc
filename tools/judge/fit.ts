/** Finds the drawn shape in a frame: the centre, size and rotation whose picture overlaps it best. */

import { AREAS, coverAt, distanceTo, REACH, SYMMETRY, type Figure } from './figure.ts';
import type { Shape } from './vocabulary.ts';

/** How much of every pixel shows the shape's colour, 0 .. 1. */
export interface Cover {
  values: Float32Array;
  width: number;
  height: number;
}

const HALF = 0.5;
/** Search steps in pixels, from the first to the last one; a turn's step moves the tips about as far. */
const [FIRST_STEP, LAST_STEP] = [2, 0.06];

/** The pixels of the largest part that hangs together, which stray ones do not move. */
function largestPart({ values, width, height }: Cover): number[] {
  const seen = new Uint8Array(values.length);
  let best: number[] = [];
  for (let start = 0; start < values.length; start++) {
    if (seen[start] || values[start]! <= HALF) continue;
    const part = [start];
    seen[start] = 1;
    for (const at of part) {
      const x = at % width;
      const next = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const other of next) {
        if (other < 0 || other >= width * height || seen[other] || values[other]! <= HALF) continue;
        seen[other] = 1;
        part.push(other);
      }
    }
    if (part.length > best.length) best = part;
  }
  return best;
}

/** A first guess from the largest part's area and moments; null where nothing is drawn. */
function guess(cover: Cover, shape: Shape): Figure | null {
  const part = largestPart(cover);
  if (part.length === 0) return null;
  const points = part.map((at) => [(at % cover.width) + 0.5, Math.floor(at / cover.width) + 0.5] as const);
  const x = points.reduce((sum, point) => sum + point[0], 0) / part.length;
  const y = points.reduce((sum, point) => sum + point[1], 0) / part.length;
  return { shape, x, y, radius: Math.sqrt(part.length / AREAS[shape]), turn: 0 };
}

/** Intersection over union of the covers, in shares of pixels. Only the `box` is looked at; `outside` is what lies around it. */
function overlap({ values, width }: Cover, figure: Figure, box: Box, outside: number): number {
  const distance = distanceTo(figure);
  let common = 0;
  let either = outside;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const seen = values[y * width + x]!;
      const drawn = coverAt(distance(x + 0.5, y + 0.5));
      common += seen < drawn ? seen : drawn;
      either += seen < drawn ? drawn : seen;
    }
  }
  return common / either;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function boxAround({ x, y, radius }: Figure, { width, height }: Cover): Box {
  const reach = radius * REACH + 3 * FIRST_STEP;
  return {
    left: Math.max(0, Math.floor(x - reach)),
    right: Math.min(width, Math.ceil(x + reach)),
    top: Math.max(0, Math.floor(y - reach)),
    bottom: Math.min(height, Math.ceil(y + reach)),
  };
}

function sumOutside({ values, width }: Cover, { left, right, top, bottom }: Box): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    if (x < left || x >= right || y < top || y >= bottom) sum += values[at]!;
  }
  return sum;
}

/** The neighbours of a figure in the search: a step to each side, larger, smaller, turned. */
function neighbours(figure: Figure, step: number): Figure[] {
  const { shape, x, y, radius, turn } = figure;
  const moves: Figure[] = [
    { ...figure, x: x + step },
    { ...figure, x: x - step },
    { ...figure, y: y + step },
    { ...figure, y: y - step },
    { ...figure, radius: radius + step / 2 },
    { ...figure, radius: Math.max(1, radius - step / 2) },
  ];
  if (shape === 'circle') return moves;
  return [...moves, { ...figure, turn: turn + step / radius }, { ...figure, turn: turn - step / radius }];
}

function climb(cover: Cover, start: Figure): { figure: Figure; score: number } {
  const box = boxAround(start, cover);
  const outside = sumOutside(cover, box);
  let [figure, score] = [start, overlap(cover, start, box, outside)];
  for (let step = FIRST_STEP; step >= LAST_STEP;) {
    let moved = false;
    for (const other of neighbours(figure, step)) {
      const better = overlap(cover, other, box, outside);
      if (better > score) [figure, score, moved] = [other, better, true];
    }
    if (!moved) step /= 2;
  }
  return { figure, score };
}

/** A fit that overlaps by this much has found the shape. */
const FOUND = 0.9;

/**
 * The figure of that shape which fits best.
 *
 * @param before the figure of the frame before, a second place to start from
 * @returns null where nothing is drawn
 */
export function fitFigure(cover: Cover, shape: Shape, before?: Figure | null): Figure | null {
  const first = guess(cover, shape);
  if (first === null) return null;
  let best = climb(cover, first);
  // A turned shape is not found from an upright one: its score has a valley between.
  const turns = [before?.turn ?? 0, Math.PI / SYMMETRY[shape]];
  for (const turn of turns) {
    if (best.score >= FOUND || turn === 0) continue;
    const other = climb(cover, { ...first, turn });
    if (other.score > best.score) best = other;
  }
  return best.figure;
}
