import type { LatentRgb } from '../../contract/model-profile.ts';
import type { DenoisingProgress } from '../families/mochi/index.ts';

/** A picture in full RGB. */
export interface Picture {
  /** `[height, width, 3]`, 0 .. 255. */
  data: Uint8Array;
  width: number;
  height: number;
}

/**
 * The middle latent frame as the model sees it finished, one pixel for each place: not the noisy latents themselves, but
 * where the step's velocity leads. Milliseconds, also for 1920x1080.
 */
export function latentPicture(
  { latents, velocity, noise, shape: { T, h, w } }: Pick<DenoisingProgress, 'latents' | 'velocity' | 'noise' | 'shape'>,
  { factors, bias }: LatentRgb,
): Picture {
  const size = h * w;
  const rgb = new Float32Array(3 * size);
  for (const [c, [red, green, blue]] of factors.entries()) {
    const frame = (c * T + (T >> 1)) * size;
    for (let i = 0; i < size; i++) {
      const value = latents[frame + i]! + noise * velocity[frame + i]!;
      rgb[3 * i]! += red * value;
      rgb[3 * i + 1]! += green * value;
      rgb[3 * i + 2]! += blue * value;
    }
  }
  // Rounds, and cuts off what lies outside.
  const bytes = new Uint8ClampedArray(3 * size);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (rgb[i]! + bias[i % 3]! + 1) * 127.5;
  return { data: new Uint8Array(bytes.buffer), width: w, height: h };
}
