import type { VaeConfig } from '../config/config.ts';

/**
 * The sampler's latents as the VAE's decoder takes them, `z * std / scaling_factor + mean` per channel, rounding to
 * float32 after each operation as torch does. About 3 ms per million values.
 *
 * @param latents `[c, ...]`
 */
export function denormalise(config: VaeConfig, latents: Float32Array): Float32Array {
  const { fround } = Math;
  const { latents_mean: means, latents_std: stds, latent_channels: channels } = config;
  const scale = fround(config.scaling_factor);
  if (!means || !stds) return latents.map((value) => value / scale);
  const result = new Float32Array(latents.length);
  const size = latents.length / channels;
  for (let c = 0; c < channels; c++) {
    const mean = fround(means[c]!);
    const std = fround(stds[c]!);
    for (let i = c * size; i < (c + 1) * size; i++) result[i] = fround(fround(latents[i]! * std) / scale) + mean;
  }
  return result;
}

/**
 * VAE values as 8-bit RGB: `clamp(v * 0.5 + 0.5, 0, 1) * 255` in float32, halves to even, colours interleaved.
 *
 * @param values one frame `[3, pixels]`
 * @param rgb where its `[pixels, 3]` go
 */
export function toRgb(values: Float32Array, rgb: Uint8Array): void {
  const { fround } = Math;
  const pixels = values.length / 3;
  // What is stored into a clamped array is clamped and rounded half to even by the language itself.
  const bytes = new Uint8ClampedArray(rgb.buffer, rgb.byteOffset, rgb.length);
  for (let i = 0, out = 0; i < pixels; i++, out += 3) {
    bytes[out] = fround(fround(values[i]! * 0.5 + 0.5) * 255);
    bytes[out + 1] = fround(fround(values[i + pixels]! * 0.5 + 0.5) * 255);
    bytes[out + 2] = fround(fround(values[i + 2 * pixels]! * 0.5 + 0.5) * 255);
  }
}
