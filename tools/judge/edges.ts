/** How exact a clip is: its edges, its colours, and what is drawn where nothing should be. */

import type { Clip } from './clip.ts';
import { distanceTo, type Figure } from './figure.ts';
import { fitFigure, type Cover } from './fit.ts';
import { BACKGROUNDS, COLOURS, type Rgb, type Shape } from './vocabulary.ts';

export interface Exactness {
  /** Intersection over union with the shape that fits best: mean of the frames, and the worst frame. */
  overlap: number;
  worstOverlap: number;
  /** Mean distance of red, green and blue to the vocabulary's, of 255: that of the shape or of the ground, whichever is larger. */
  colourError: number;
  /** Pixels of a frame, on average, that are neither the shape nor the ground. */
  stray: number;
}

/** Distance to the edge, in pixels, from which on a pixel is all shape or all ground. */
const CLEAR = 2;
/** A pixel of the ground that differs by more in red, green or blue, of 255, is stray. */
const VISIBLE = 24;

/** What shows the shape: the nearer a pixel is to `paint` on the way from `ground`, the more. */
function coverOf(frame: Uint8Array, { width, height }: Clip, paint: Rgb, ground: Rgb): Cover {
  const axis = paint.map((value, k) => value - ground[k]!);
  const square = axis.reduce((sum, value) => sum + value * value, 0);
  const values = new Float32Array(width * height);
  for (let at = 0; at < values.length; at++) {
    let along = 0;
    for (let k = 0; k < 3; k++) along += (frame[3 * at + k]! - ground[k]!) * axis[k]!;
    values[at] = Math.min(1, Math.max(0, along / square));
  }
  return { values, width, height };
}

interface FrameMeasure {
  overlap: number;
  paintError: number | null;
  groundError: number;
  stray: number;
}

function measureFrame(
  frame: Uint8Array,
  cover: Cover,
  figure: Figure | null,
  ideal: { paint: Rgb; ground: Rgb },
): FrameMeasure {
  let [common, either, stray] = [0, 0, 0];
  const errors = { paint: 0, ground: 0 };
  const counts = { paint: 0, ground: 0 };
  const distanceOf = figure === null ? () => Infinity : distanceTo(figure);
  for (let at = 0; at < cover.values.length; at++) {
    const distance = distanceOf((at % cover.width) + 0.5, Math.floor(at / cover.width) + 0.5);
    const [seen, drawn] = [cover.values[at]! > 0.5, distance < 0];
    if (seen && drawn) common++;
    if (seen || drawn) either++;
    if (Math.abs(distance) < CLEAR) continue;
    const place = drawn ? 'paint' : 'ground';
    const off = ideal[place].map((value, k) => Math.abs(frame[3 * at + k]! - value));
    errors[place] += (off[0]! + off[1]! + off[2]!) / 3;
    counts[place]++;
    if (!drawn && Math.max(...off) > VISIBLE) stray++;
  }
  return {
    overlap: either === 0 ? 0 : common / either,
    paintError: counts.paint === 0 ? null : errors.paint / counts.paint,
    groundError: counts.ground === 0 ? 0 : errors.ground / counts.ground,
    stray,
  };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Measures a clip against what its prompt names. A frame without the shape overlaps by 0 and has the colour error 255. */
export function measureExactness(clip: Clip, wanted: { shape: Shape; colour: string; background: string }): Exactness {
  const ideal = { paint: COLOURS[wanted.colour]!, ground: BACKGROUNDS[wanted.background]! };
  const size = 3 * clip.width * clip.height;
  const frames: FrameMeasure[] = [];
  let figure: Figure | null = null;
  for (let i = 0; i < clip.frames; i++) {
    const frame = clip.data.subarray(i * size, (i + 1) * size);
    const cover = coverOf(frame, clip, ideal.paint, ideal.ground);
    figure = fitFigure(cover, wanted.shape, figure);
    frames.push(measureFrame(frame, cover, figure, ideal));
  }
  const overlaps = frames.map((frame) => frame.overlap);
  const paintError = mean(frames.map((frame) => frame.paintError ?? 255));
  return {
    overlap: mean(overlaps),
    worstOverlap: Math.min(...overlaps),
    colourError: Math.max(paintError, mean(frames.map((frame) => frame.groundError))),
    stray: mean(frames.map((frame) => frame.stray)),
  };
}
