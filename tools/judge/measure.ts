/** Says what the frames of a clip show: colour, shape, motion, background. Plain image measurement. */

import { nearestShape, outlineOf, type Outline } from './outline.ts';
import { BACKGROUNDS, COLOURS, type Motion, type Rgb, type Shape } from './vocabulary.ts';

export interface Measured {
  colour: string;
  shape: Shape | 'none';
  motion: Motion | 'none';
  background: string;
}

/** One frame's shape: where it is (shares of width and height), how large (a logarithm), and its outline. */
interface Blob {
  x: number;
  y: number;
  size: number;
  outline: Outline;
}

const MIN_PIXELS = 25;
/** How far a typical clip goes: shares of width and height, and a logarithm for the size. */
const TYPICAL = [0.3, 0.3, 0.7] as const;
const MOVES = 0.22;

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

function medianColour(pixels: Rgb[]): Rgb {
  return [median(pixels.map((p) => p[0])), median(pixels.map((p) => p[1])), median(pixels.map((p) => p[2]))];
}

function distance(a: Rgb, b: Rgb): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function nearest(colour: Rgb, table: Readonly<Record<string, Rgb>>): string {
  const names = Object.keys(table);
  return names.reduce((best, name) => (distance(colour, table[name]!) < distance(colour, table[best]!) ? name : best));
}

function pixelAt(data: Uint8Array, index: number): Rgb {
  return [data[index * 3]!, data[index * 3 + 1]!, data[index * 3 + 2]!];
}

/** The colour that most of the outermost pixels have. */
function groundColour(data: Uint8Array, frames: number, height: number, width: number): Rgb {
  const border: Rgb[] = [];
  for (let f = 0; f < frames; f++) {
    const base = f * height * width;
    for (let x = 0; x < width; x++)
      border.push(pixelAt(data, base + x), pixelAt(data, base + (height - 1) * width + x));
    for (let y = 0; y < height; y++)
      border.push(pixelAt(data, base + y * width), pixelAt(data, base + (y + 1) * width - 1));
  }
  return medianColour(border);
}

/** The colour of the pixels that differ most from the ground. */
function paintColour(data: Uint8Array, ground: Rgb): Rgb {
  const count = data.length / 3;
  const far = new Float32Array(count);
  for (let i = 0; i < count; i++) far[i] = distance(pixelAt(data, i), ground);
  const limit = 0.85 * far.toSorted()[Math.floor(count * 0.99)]!;
  const pixels: Rgb[] = [];
  for (let i = 0; i < count; i++) if (far[i]! >= limit) pixels.push(pixelAt(data, i));
  return medianColour(pixels);
}

/** The pixels of one frame that are nearer to the paint than to the ground. */
function findBlob(data: Uint8Array, base: number, height: number, width: number, ground: Rgb, paint: Rgb): Blob | null {
  const xs: number[] = [];
  const ys: number[] = [];
  const axis = [paint[0] - ground[0], paint[1] - ground[1], paint[2] - ground[2]] as const;
  const half = (axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2) / 2;
  for (let i = 0; i < height * width; i++) {
    const p = pixelAt(data, base + i);
    const along = (p[0] - ground[0]) * axis[0] + (p[1] - ground[1]) * axis[1] + (p[2] - ground[2]) * axis[2];
    if (along > half) {
      xs.push(i % width);
      ys.push(Math.floor(i / width));
    }
  }
  const n = xs.length;
  if (n < MIN_PIXELS) return null;
  const cx = xs.reduce((a, b) => a + b) / n;
  const cy = ys.reduce((a, b) => a + b) / n;
  return { x: (cx + 0.5) / width, y: (cy + 0.5) / height, size: Math.log(n) / 2, outline: outlineOf(xs, ys, cx, cy) };
}

/** Net change from the first two to the last two values, and the distance between the extremes. */
function travel(values: number[]): { net: number; spread: number } {
  const [first, second] = [values[0]!, values[1] ?? values[0]!];
  const [last, beforeLast] = [values.at(-1)!, values.at(-2) ?? values.at(-1)!];
  return {
    net: (last + beforeLast - first - second) / 2,
    spread: Math.max(...values) - Math.min(...values),
  };
}

function motionOf(blobs: Blob[]): Motion {
  const travels = [blobs.map((b) => b.x), blobs.map((b) => b.y), blobs.map((b) => b.size)].map(travel);
  const scores = travels.map(({ spread }, k) => spread / TYPICAL[k]!);
  const main = scores.indexOf(Math.max(...scores));
  const { net, spread } = travels[main]!;
  if (scores[main]! < MOVES) return 'still';
  if (Math.abs(net) < 0.6 * spread) return (['swing', 'bounce', 'pulse'] as const)[main]!;
  return net < 0 ? (['left', 'up', 'shrink'] as const)[main]! : (['right', 'down', 'grow'] as const)[main]!;
}

/** `data` is [frames, height, width, 3], one byte per colour. */
export function measure(data: Uint8Array, frames: number, height: number, width: number): Measured {
  const ground = groundColour(data, frames, height, width);
  const background = nearest(ground, BACKGROUNDS);
  const paint = paintColour(data, ground);
  const colour = nearest(paint, COLOURS);
  const blobs: Blob[] = [];
  for (let f = 0; f < frames; f++) {
    const blob = findBlob(data, f * height * width, height, width, ground, paint);
    if (blob) blobs.push(blob);
  }
  if (blobs.length < 0.7 * frames) return { colour, background, shape: 'none', motion: 'none' };
  return { colour, background, shape: nearestShape(blobs.map((blob) => blob.outline)), motion: motionOf(blobs) };
}
