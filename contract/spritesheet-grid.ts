/** Tiles of a spritesheet at most, and tiles in a row. */
const MAX_TILES = 25;
const COLUMNS = 5;

export interface SpritesheetGrid {
  /** Frames shown, row by row; places after the last are black. */
  tiles: number;
  columns: number;
  rows: number;
}

/** How the frames of a clip lie on its spritesheet: what is written by `encode` and read by the page. */
export function spritesheetGrid(numFrames: number): SpritesheetGrid {
  const tiles = Math.min(MAX_TILES, numFrames);
  const columns = Math.min(COLUMNS, tiles);
  return { tiles, columns, rows: Math.ceil(tiles / columns) };
}
