import { decodeMp4 } from '../harness/model/decoded.ts';

/** Cells along each side of a frame. */
const GRID = 8;

/** What is kept of a clip: mean luma and chromas (0 to 255) of each cell of its first, middle and last frame. */
export interface Likeness {
  width: number;
  height: number;
  frames: number;
  /** `[3 frames][8 x 8 cells][3]`, flat, to a tenth. */
  cells: number[];
}

/** @throws Error where the file does not decode */
export async function likenessOf(mp4: string): Promise<Likeness> {
  const { width, height, frames } = await decodeMp4(mp4);
  const shown = [0, Math.floor(frames.length / 2), frames.length - 1].map((index) => frames[index]!);
  const side = (cell: number, size: number) => Math.floor((cell * size) / GRID);
  const cells: number[] = [];
  for (const frame of shown) {
    for (let cell = 0; cell < GRID * GRID; cell++) {
      const [row, column] = [Math.floor(cell / GRID), cell % GRID];
      const sum = [0, 0, 0];
      let count = 0;
      for (let y = side(row, height); y < side(row + 1, height); y++) {
        for (let x = side(column, width); x < side(column + 1, width); x++, count++) {
          frame.at(x, y).forEach((value, i) => (sum[i]! += value));
        }
      }
      cells.push(...sum.map((value) => Math.round((10 * value) / count) / 10));
    }
  }
  return { width, height, frames: frames.length, cells };
}

/** Largest difference of a cell, in levels; Infinity for another shape. */
export function difference(a: Likeness, b: Likeness): number {
  if (a.width !== b.width || a.height !== b.height || a.frames !== b.frames) return Infinity;
  return a.cells.reduce((most, value, i) => Math.max(most, Math.abs(value - b.cells[i]!)), 0);
}

/** Whether there is anything to be seen: a clip of one colour is none. */
export function isFlat({ cells }: Likeness): boolean {
  const luma = cells.filter((_, i) => i % 3 === 0);
  return Math.max(...luma) - Math.min(...luma) < 4;
}
