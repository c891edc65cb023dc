import { spritesheetGrid } from '../contract/spritesheet-grid.ts';

/** Size and length of the finished clip. */
interface Clip {
  width: number;
  height: number;
  numFrames: number;
}

/** Longer side of a tile at most, in pixels. */
const TILE_SIDE = 256;

export interface SpritesheetLayout {
  columns: number;
  rows: number;
  /** Pixels, even. */
  tileWidth: number;
  tileHeight: number;
  /** The clip's frames in the order of the tiles, row by row; places after the last are black. */
  frames: number[];
}

/** Frames at equal distances over the clip, the first and the last among them; every frame of a short clip. */
export function spritesheetLayout({ width, height, numFrames }: Clip): SpritesheetLayout {
  const { tiles, columns, rows } = spritesheetGrid(numFrames);
  const scale = Math.min(1, TILE_SIDE / Math.max(width, height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return {
    columns,
    rows,
    tileWidth: even(width),
    tileHeight: even(height),
    frames: Array.from({ length: tiles }, (_, i) =>
      tiles === 1 ? 0 : Math.round((i * (numFrames - 1)) / (tiles - 1)),
    ),
  };
}

/** The middle of the clip says more about it than its beginning. */
export function thumbnailFrame({ numFrames }: Clip): number {
  return numFrames >> 1;
}
