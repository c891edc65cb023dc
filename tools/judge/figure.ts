/** The shapes as training/clips.py draws them: signed distances to their edges. */

import type { Shape } from './vocabulary.ts';

/** Where a shape is, in pixels; `turn` in radians, 0 upright. */
export interface Figure {
  shape: Shape;
  x: number;
  y: number;
  radius: number;
  turn: number;
}

const SECTOR = (2 * Math.PI) / 5;
const [OUTER, INNER] = [1.25, 0.52];
const STAR_X = INNER * Math.cos(SECTOR / 2) - OUTER;
const STAR_Y = INNER * Math.sin(SECTOR / 2);
const STAR_EDGE = Math.hypot(STAR_X, STAR_Y);

/** Distances for a shape of radius 1 around the origin, negative inside. */
const DISTANCES: Readonly<Record<Shape, (x: number, y: number) => number>> = {
  circle: (x, y) => Math.sqrt(x * x + y * y) - 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.9,
  triangle: (x, y) => Math.max(y, Math.sqrt(0.75) * Math.abs(x) - 0.5 * y) - 0.62,
  star: (x, y) => {
    const whole = Math.atan2(x, -y) + SECTOR / 2;
    const angle = Math.abs(whole - SECTOR * Math.floor(whole / SECTOR) - SECTOR / 2);
    const rho = Math.sqrt(x * x + y * y);
    return ((rho * Math.cos(angle) - OUTER) * STAR_Y - rho * Math.sin(angle) * STAR_X) / STAR_EDGE;
  },
};

/** Pixels covered by a shape of radius 1. */
export const AREAS: Readonly<Record<Shape, number>> = {
  circle: Math.PI,
  square: 1.8 ** 2,
  triangle: 3 * Math.sqrt(3) * 0.62 ** 2,
  star: 5 * OUTER * INNER * Math.sin(SECTOR / 2),
};

/** After how much of a turn a shape looks the same; a disc always does. */
export const SYMMETRY: Readonly<Record<Shape, number>> = { circle: Infinity, square: 4, triangle: 3, star: 5 };

/** How far a shape of radius 1 reaches from its centre. */
export const REACH = 1.3;

/** Signed distance in pixels from a point to the shape's edge, negative inside. */
export function distanceTo({ shape, x, y, radius, turn }: Figure): (px: number, py: number) => number {
  const distance = DISTANCES[shape];
  const cos = Math.cos(turn) / radius;
  const sin = Math.sin(turn) / radius;
  return (px, py) => {
    const dx = px - x;
    const dy = py - y;
    return distance(cos * dx + sin * dy, cos * dy - sin * dx) * radius;
  };
}

/** How much of a pixel is covered at a distance from the edge, as clips.py blurs it: 0 .. 1. */
export function coverAt(distance: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance / 1.5));
}
