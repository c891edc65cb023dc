import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { denormalise, toRgb } from '../../../../gpu-worker/families/mochi/vae/values.ts';
import { tileGrid } from '../../../../gpu-worker/families/mochi/vae/tile-grid.ts';
import { MOCHI_FIXTURE } from '../../../../tools/harness/model/mochi-fixture.ts';

function bytes(...values: number[]): number[] {
  const rgb = new Uint8Array(values.length);
  toRgb(Float32Array.from(values), rgb);
  return [...rgb];
}

describe('8-bit colours', () => {
  it.each([
    [-1, 0],
    [1, 255],
    [-1.5, 0],
    [7, 255],
    [-Infinity, 0],
    [Infinity, 255],
    [NaN, 0],
    // (v * 0.5 + 0.5) * 255 in float32: 127.5, 63.75, 191.25
    [0, 128],
    [-0.5, 64],
    [0.5, 191],
    // just below and above a half: 127.49999 and 127.50001
    [-1.2e-7, 127],
    [1.2e-7, 128],
  ])('a value of %f is %i', (value, byte) => {
    expect(bytes(value, value, value)).toEqual([byte, byte, byte]);
  });

  it('halves go to the even neighbour, as in numpy', () => {
    // v that makes (v * 0.5 + 0.5) * 255 exactly k + 0.5 in float32
    const halves = [];
    for (let k = 0; k < 255; k++) {
      const v = Math.fround(((k + 0.5) / 255 - 0.5) * 2);
      if (Math.fround(Math.fround(v * 0.5 + 0.5) * 255) === k + 0.5) halves.push([v, k] as const);
    }
    expect(halves.length).toBeGreaterThan(20);
    for (const [v, k] of halves) expect(bytes(v, v, v)[0]).toBe(k % 2 === 0 ? k : k + 1);
  });

  it('are interleaved from the three planes', () => {
    expect(bytes(-1, 1, -1, 1, 1, -1)).toEqual([0, 0, 255, 255, 255, 0]);
  });
});

describe('tiles', () => {
  const tiling = {
    tileSampleMinHeight: 256,
    tileSampleMinWidth: 256,
    tileSampleStrideHeight: 192,
    tileSampleStrideWidth: 192,
  };

  it('of 480 x 848 at the default tiling are diffusers’ 3 x 5, cut at the border', () => {
    const grid = tileGrid(60, 106, 8, tiling);
    expect(grid.columns).toBe(5);
    expect(grid.tiles).toHaveLength(15);
    expect(grid.tiles[0]).toEqual({ row: 0, column: 0, y: 0, x: 0, h: 32, w: 32 });
    expect(grid.tiles[9]).toEqual({ row: 1, column: 4, y: 24, x: 96, h: 32, w: 10 });
    expect(grid.tiles[14]).toEqual({ row: 2, column: 4, y: 48, x: 96, h: 12, w: 10 });
    expect(grid).toMatchObject({ blendHeight: 64, blendWidth: 64, strideHeight: 192, height: 480, width: 848 });
  });

  it.each([
    [32, 32, 1],
    [33, 32, 4],
    [32, 33, 4],
    [24, 40, 2],
  ])('of latents of %i x %i are %i: nothing is cut while both sides fit, both once one does not', (h, w, count) => {
    expect(tileGrid(h, w, 8, tiling).tiles).toHaveLength(count);
  });

  it.each([
    ['a stride larger than the tile', { tileSampleStrideHeight: 264 }],
    ['a stride of nothing', { tileSampleStrideWidth: 0 }],
    ['a size between latent pixels', { tileSampleMinWidth: 252 }],
    ['a stride between latent pixels', { tileSampleStrideHeight: 190 }],
  ])('with %s are refused, because the picture would have gaps or jumps', (_, change) => {
    expect(() => tileGrid(60, 106, 8, { ...tiling, ...change })).toThrow(RangeError);
  });
});

describe('latents for the VAE', () => {
  it('are spread by each channel’s deviation and mean, or only scaled where the config has none', async () => {
    const { vae } = await readConfig(MOCHI_FIXTURE);
    const config = { ...vae, latent_channels: 2, scaling_factor: 2 };
    const latents = Float32Array.of(1, 2, 3, 4);
    const spread = denormalise({ ...config, latents_mean: [1, -1], latents_std: [4, 10] }, latents);
    expect([...spread]).toEqual([3, 5, 14, 19]);
    expect([...denormalise({ ...config, latents_mean: null }, latents)]).toEqual([0.5, 1, 1.5, 2]);
  });
});
