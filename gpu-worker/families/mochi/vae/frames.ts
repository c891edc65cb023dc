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
