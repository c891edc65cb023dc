import { setImmediate } from 'node:timers/promises';
import type { Tile, TileGrid } from './tile-grid.ts';

/**
 * Joins the decoded tiles of a run of frames into whole frames, as diffusers' `AutoencoderKLMochi._tiled_decode`: in
 * raster order each tile's first rows, then columns, are blended in place with the end of the tile above and to the left,
 * themselves blended before. The event loop gets a turn after every frame.
 *
 * @param tiles `[frames, 3, rows, columns]` each, in the grid's order; written to
 * @returns `[frames, 3, height, width]`
 */
export async function joinTiles(grid: TileGrid, tiles: readonly Float32Array[], frames: number): Promise<Float32Array> {
  if (tiles.length === 1) return tiles[0]!;
  const size = 3 * grid.height * grid.width;
  const joined = new Float32Array(frames * size);
  for (let frame = 0; frame < frames; frame++) {
    const parts = grid.tiles.map((tile, i) => frameOf(grid, tile, tiles[i]!, frame));
    joinFrame(grid, parts, joined.subarray(frame * size, (frame + 1) * size));
    await setImmediate();
  }
  return joined;
}

function joinFrame(grid: TileGrid, parts: readonly Raster[], joined: Float32Array): void {
  for (const [i, tile] of grid.tiles.entries()) {
    const part = parts[i]!;
    if (tile.row > 0) blendRows(parts[i - grid.columns]!, part, grid.blendHeight);
    if (tile.column > 0) blendColumns(parts[i - 1]!, part, grid.blendWidth);
    copyCorner(part, tile, grid, joined);
  }
}

/** One frame of one tile, `[3, height, width]`. */
interface Raster {
  data: Float32Array;
  height: number;
  width: number;
}

function frameOf({ scale }: TileGrid, { h, w }: Tile, data: Float32Array, frame: number): Raster {
  const [height, width] = [h * scale, w * scale];
  const size = 3 * height * width;
  return { data: data.subarray(frame * size, (frame + 1) * size), height, width };
}

/** b's first rows become a mix of a's last rows and themselves; rounded to float32 after each operation, as torch does. */
function blendRows(a: Raster, b: Raster, overlap: number): void {
  const rows = Math.min(a.height, b.height, overlap);
  const { falling, rising } = ramps(rows);
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < rows; y++) {
      const [ofA, ofB] = [falling[y]!, rising[y]!];
      const from = (plane * a.height + a.height - rows + y) * a.width;
      const to = (plane * b.height + y) * b.width;
      for (let x = 0; x < b.width; x++) b.data[to + x] = mix(a.data[from + x]!, ofA, b.data[to + x]!, ofB);
    }
  }
}

function blendColumns(a: Raster, b: Raster, overlap: number): void {
  const columns = Math.min(a.width, b.width, overlap);
  const { falling, rising } = ramps(columns);
  for (let row = 0; row < 3 * b.height; row++) {
    const from = row * a.width + a.width - columns;
    const to = row * b.width;
    for (let x = 0; x < columns; x++) {
      b.data[to + x] = mix(a.data[from + x]!, falling[x]!, b.data[to + x]!, rising[x]!);
    }
  }
}

/** Weights of a and of b along an overlap. */
function ramps(length: number): { falling: Float32Array; rising: Float32Array } {
  const rising = Float32Array.from({ length }, (_, i) => i / length);
  return { falling: Float32Array.from({ length }, (_, i) => 1 - i / length), rising };
}

function mix(a: number, ofA: number, b: number, ofB: number): number {
  return Math.fround(a * ofA) + Math.fround(b * ofB);
}

/** Copies the part of a tile that no later tile covers. */
function copyCorner({ data, height, width }: Raster, tile: Tile, grid: TileGrid, joined: Float32Array): void {
  const top = tile.row * grid.strideHeight;
  const left = tile.column * grid.strideWidth;
  const rows = Math.min(grid.strideHeight, height);
  const columns = Math.min(grid.strideWidth, width);
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < rows; y++) {
      const from = (plane * height + y) * width;
      const to = (plane * grid.height + top + y) * grid.width + left;
      joined.set(data.subarray(from, from + columns), to);
    }
  }
}
