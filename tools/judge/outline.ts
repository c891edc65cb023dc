/** Tells a circle, a square, a triangle and a star by their areas' moments. */

import { SHAPES, type Shape } from './vocabulary.ts';

/** Angular harmonics 3, 4 and 5 of the outline, and how compact the area is (1 for a disc). */
export type Outline = readonly [number, number, number, number];

/** The same four numbers for perfect shapes. */
const IDEAL_OUTLINES: Readonly<Record<Shape, Outline>> = {
  circle: [0, 0, 0, 1],
  square: [0, 0.29, 0, 0.955],
  triangle: [0.55, 0, 0, 0.83],
  star: [0, 0, 0.63, 0.77],
};
/** Ragged edges hardly change compactness but blur the harmonics, so it counts for more. */
const OUTLINE_WEIGHTS: Outline = [1, 1, 1, 3];

/** From the coordinates of a shape's pixels and of their centre. */
export function outlineOf(xs: number[], ys: number[], cx: number, cy: number): Outline {
  const re = [0, 0, 0];
  const im = [0, 0, 0];
  let moment = 0;
  for (let i = 0; i < xs.length; i++) {
    const [dx, dy] = [xs[i]! - cx, ys[i]! - cy];
    const weight = dx * dx + dy * dy;
    const angle = Math.atan2(dy, dx);
    moment += weight;
    for (let k = 0; k < 3; k++) {
      re[k]! += weight * Math.cos((k + 3) * angle);
      im[k]! += weight * Math.sin((k + 3) * angle);
    }
  }
  const harmonic = (k: number) => Math.hypot(re[k]!, im[k]!) / moment;
  return [harmonic(0), harmonic(1), harmonic(2), xs.length ** 2 / (2 * Math.PI * moment)];
}

/** The shape whose ideal outline is nearest to the mean of the given ones. */
export function nearestShape(outlines: Outline[]): Shape {
  const mean = [0, 1, 2, 3].map((k) => outlines.reduce((sum, outline) => sum + outline[k]!, 0) / outlines.length);
  const miss = (shape: Shape) =>
    Math.hypot(...IDEAL_OUTLINES[shape].map((ideal, k) => OUTLINE_WEIGHTS[k]! * (ideal - mean[k]!)));
  return SHAPES.reduce((best, shape) => (miss(shape) < miss(best) ? shape : best));
}
