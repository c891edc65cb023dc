import { setImmediate } from 'node:timers/promises';
import type { Tile, TileGrid } from './tile-grid.ts';

/**
 * Joins the decoded tiles of a run of frames into whole frames, as diffusers' `AutoencoderKLMochi._tiled_decode`: in
 * raster order each tile's first rows, then columns, are blended in place with the end of the tile above and to the left,
 * themselves blended before. The event loop gets a turn after every tile.
 *
 * @param tiles `[frames, 3, rows, columns]` each, in the grid's order; written to
 * @param planes frames times 3
 * @returns `[frames, 3, height, width]`
 */
export async function joinTiles(grid: TileGrid, tiles: readonly Float32Array[], planes: number): Promise<Float32Array> {
  if (tiles.length === 1) return tiles[0]!;
  const joined = new Float32Array(planes * grid.height * grid.width);
  for (const [i, tile] of grid.tiles.entries()) {
    const b = raster(grid, tile, tiles[i]!);
    if (tile.row > 0) {
      const above = i - grid.columns;
      blendRows(raster(grid, grid.tiles[above]!, tiles[above]!), b, planes, grid.blendHeight);
    }
    if (tile.column > 0) blendColumns(raster(grid, grid.tiles[i - 1]!, tiles[i - 1]!), b, planes, grid.blendWidth);
    copyCorner(b, tile, grid, joined, planes);
    await setImmediate();
  }
  return joined;
}

interface Raster {
  data: Float32Array;
  height: number;
  width: number;
}

function raster({ scale }: TileGrid, { h, w }: Tile, data: Float32Array): Raster {
  return { data, height: h * scale, width: w * scale };
}

/** b's first rows become a mix of a's last rows and themselves; rounded to float32 after each operation, as torch does. */
function blendRows(a: Raster, b: Raster, planes: number, overlap: number): void {
  const rows = Math.min(a.height, b.height, overlap);
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < rows; y++) {
      const [ofA, ofB] = weights(y, rows);
      const from = (plane * a.height + a.height - rows + y) * a.width;
      const to = (plane * b.height + y) * b.width;
      for (let x = 0; x < b.width; x++) b.data[to + x] = mix(a.data[from + x]!, ofA, b.data[to + x]!, ofB);
    }
  }
}

function blendColumns(a: Raster, b: Raster, planes: number, overlap: number): void {
  const columns = Math.min(a.width, b.width, overlap);
  for (let row = 0; row < planes * b.height; row++) {
    const from = row * a.width + a.width - columns;
    const to = row * b.width;
    for (let x = 0; x < columns; x++) {
      const [ofA, ofB] = weights(x, columns);
      b.data[to + x] = mix(a.data[from + x]!, ofA, b.data[to + x]!, ofB);
    }
  }
}

function weights(position: number, length: number): [number, number] {
  return [Math.fround(1 - position / length), Math.fround(position / length)];
}

function mix(a: number, ofA: number, b: number, ofB: number): number {
  return Math.fround(a * ofA) + Math.fround(b * ofB);
}

/** Copies the part of a tile that no later tile covers. */
function copyCorner({ data, height, width }: Raster, tile: Tile, grid: TileGrid, joined: Float32Array, planes: number) {
  const top = tile.row * grid.strideHeight;
  const left = tile.column * grid.strideWidth;
  const rows = Math.min(grid.strideHeight, height);
  const columns = Math.min(grid.strideWidth, width);
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < rows; y++) {
      const from = (plane * height + y) * width;
      const to = (plane * grid.height + top + y) * grid.width + left;
      joined.set(data.subarray(from, from + columns), to);
    }
  }
}
