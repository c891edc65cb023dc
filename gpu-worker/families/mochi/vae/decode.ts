import { setImmediate } from 'node:timers/promises';
import { type VaeConfig, strides } from '../config/config.ts';
import type { Devices } from '../../../inference/devices.ts';
import { assertFinite } from '../../../inference/finite.ts';
import type { FrameChunk, GenerateParams, Tiling } from '../config/types.ts';
import type { LatentShape } from '../../../inference/protocol.ts';
import { denormalise, toRgb } from './values.ts';
import { joinTiles } from './tile-blender.ts';
import { tileGrid, type Tile } from './tile-grid.ts';

export interface DecodeArgs {
  /** `[c, T, h, w]` */
  latents: Float32Array;
  shape: LatentShape;
  tiling: Tiling | null;
  /** Latent frames decoded at a time. */
  decodeChunk: number;
  signal?: AbortSignal | undefined;
}

/** Consecutive frames as the VAE gives them. */
export interface ValueChunk {
  /** `[frames, 3, height, width]`, about -1 .. 1, not clamped. */
  values: Float32Array;
  frames: number;
  /** Index of the first of them in the clip. */
  first: number;
  width: number;
  height: number;
}

/**
 * Turns the sampler's latents into frames, which come out while later ones are being decoded.
 *
 * @throws the signal's reason; NumericalError; OutOfMemoryError; DeviceLostError
 */
export async function* decodeFrames(
  devices: Devices,
  config: VaeConfig,
  { onProgress, ...args }: DecodeArgs & Pick<GenerateParams, 'onProgress'>,
): AsyncGenerator<FrameChunk, void, void> {
  const totalFrames = (args.shape.T - 1) * strides(config).time + 1;
  let before = performance.now();
  const input = denormalise(config, args.latents);
  for await (const { values, ...chunk } of decodeValues(devices, config, { ...args, latents: input })) {
    const { frames, first, width, height } = chunk;
    const size = 3 * height * width;
    const data = new Uint8Array(frames * size);
    for (let i = 0; i < frames; i++) {
      const frame = values.subarray(i * size, (i + 1) * size);
      assertFinite(frame, `the decoded values of frame ${first + i + 1}`, 'vae');
      toRgb(frame, data.subarray(i * size, (i + 1) * size));
      await setImmediate();
    }
    const now = performance.now();
    onProgress?.({ phase: 'decoding', frames: first + frames, totalFrames, seconds: (now - before) / 1000 });
    before = now;
    yield { data, ...chunk };
  }
}

/**
 * Decodes denormalised latents, a few latent frames at a time: memory does not grow with the clip. Tiles are shared out
 * over the devices; a tile stays with its device, which keeps the end of the tile's last frames for the next.
 *
 * @throws the signal's reason; OutOfMemoryError; DeviceLostError
 */
export async function* decodeValues(
  devices: Devices,
  config: VaeConfig,
  { latents, shape, tiling, decodeChunk, signal }: DecodeArgs,
): AsyncGenerator<ValueChunk, void, void> {
  const { T, h, w } = shape;
  const { space, time: perLatent } = strides(config);
  const grid = tileGrid(h, w, space, tiling);
  const shares = shareOut(grid.tiles, devices.count);
  const { width, height } = grid;

  const decodeTiles = async (start: number) => {
    const t = Math.min(decodeChunk, T - start);
    const decoded: Float32Array[] = [];
    const decodeShare = async (device: number) => {
      for (const i of shares[device]!) {
        signal?.throwIfAborted();
        const tile = grid.tiles[i]!;
        const part = cut(latents, shape, tile, start, t);
        const { data } = await devices.call(device, 'decodeTile', i, part, { T: t, h: tile.h, w: tile.w }, start === 0);
        decoded[i] = data;
      }
    };
    await Promise.all(shares.map((_, device) => decodeShare(device)));
    return { decoded, frames: t * perLatent };
  };

  // The devices already decode the next run while this one is blended, converted and consumed.
  let ahead = decodeTiles(0);
  try {
    for (let start = 0, first = 0; start < T; start += decodeChunk) {
      const { decoded, frames } = await ahead;
      signal?.throwIfAborted();
      if (start + decodeChunk < T) {
        ahead = decodeTiles(start + decodeChunk);
        ahead.catch(() => {}); // it is awaited later, or never
      }
      const all = await joinTiles(grid, decoded, frames);
      // The first latent frame stands for one frame only; the others that come of it are dropped.
      const dropped = start === 0 ? perLatent - 1 : 0;
      const values = all.subarray(dropped * 3 * height * width);
      yield { values, frames: frames - dropped, first, width, height };
      first += frames - dropped;
    }
  } finally {
    await Promise.allSettled([ahead, ...shares.map((_, device) => devices.call(device, 'endDecode'))]);
  }
}

/** Tile numbers of each device, so that none has much more to do than another. */
function shareOut(tiles: readonly Tile[], devices: number): number[][] {
  const shares = Array.from({ length: devices }, () => ({ pixels: 0, tiles: [] as number[] }));
  const bySize = tiles.map(({ h, w }, i) => ({ i, pixels: h * w })).toSorted((a, b) => b.pixels - a.pixels);
  for (const { i, pixels } of bySize) {
    const least = shares.reduce((a, b) => (b.pixels < a.pixels ? b : a));
    least.tiles.push(i);
    least.pixels += pixels;
  }
  return shares.map((share) => share.tiles);
}

/** Latent frames start .. start + t of a tile, `[t, c, h, w]`. */
function cut(latents: Float32Array, { T, h, w }: LatentShape, tile: Tile, start: number, t: number): Float32Array {
  const channels = latents.length / (T * h * w);
  const part = new Float32Array(t * channels * tile.h * tile.w);
  let to = 0;
  for (let frame = start; frame < start + t; frame++) {
    for (let c = 0; c < channels; c++) {
      for (let y = tile.y; y < tile.y + tile.h; y++, to += tile.w) {
        const from = ((c * T + frame) * h + y) * w + tile.x;
        part.set(latents.subarray(from, from + tile.w), to);
      }
    }
  }
  return part;
}
