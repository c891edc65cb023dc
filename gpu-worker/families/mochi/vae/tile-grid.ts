import type { Tiling } from '../config/types.ts';

/** A rectangle of the latents that is decoded alone. Latent pixels. */
export interface Tile {
  row: number;
  column: number;
  y: number;
  x: number;
  h: number;
  w: number;
}

export interface TileGrid {
  /** In raster order. */
  tiles: Tile[];
  columns: number;
  /** Output pixels. */
  height: number;
  width: number;
  /** Output pixels per latent pixel. */
  scale: number;
  /** Distance of tiles, output pixels. */
  strideHeight: number;
  strideWidth: number;
  /** Largest overlap that is blended, output pixels. */
  blendHeight: number;
  blendWidth: number;
}

/**
 * The tiles of latents of h x w, as diffusers' `AutoencoderKLMochi._tiled_decode` cuts them; one tile where tiling is off
 * or the latents are no larger than its minimum.
 *
 * @param scale output pixels per latent pixel
 * @throws RangeError when the tiling would misplace tiles or leave gaps
 */
export function tileGrid(h: number, w: number, scale: number, tiling: Tiling | null): TileGrid {
  const size = { height: h * scale, width: w * scale, scale };
  const whole = { strideHeight: size.height, strideWidth: size.width, blendHeight: 0, blendWidth: 0 };
  if (tiling === null) return { ...size, ...whole, columns: 1, tiles: [{ row: 0, column: 0, y: 0, x: 0, h, w }] };
  const {
    tileSampleMinHeight: minHeight,
    tileSampleMinWidth: minWidth,
    tileSampleStrideHeight: strideHeight,
    tileSampleStrideWidth: strideWidth,
  } = tiling;
  for (const [min, stride] of [
    [minHeight, strideHeight],
    [minWidth, strideWidth],
  ] as const) {
    if (!(stride > 0 && stride <= min && min % scale === 0 && stride % scale === 0)) {
      throw new RangeError(`tiles of ${min} pixels every ${stride}: use multiples of ${scale}, the stride no larger`);
    }
  }
  if (h <= minHeight / scale && w <= minWidth / scale) return tileGrid(h, w, scale, null);

  const rows = starts(h, strideHeight / scale);
  const columns = starts(w, strideWidth / scale);
  const tiles = rows.flatMap((y, row) =>
    columns.map((x, column) => {
      const tile = { h: Math.min(minHeight / scale, h - y), w: Math.min(minWidth / scale, w - x) };
      return { row, column, y, x, ...tile };
    }),
  );
  const blend = { blendHeight: minHeight - strideHeight, blendWidth: minWidth - strideWidth };
  return { ...size, strideHeight, strideWidth, ...blend, columns: columns.length, tiles };
}

function starts(length: number, stride: number): number[] {
  return Array.from({ length: Math.ceil(length / stride) }, (_, i) => i * stride);
}
