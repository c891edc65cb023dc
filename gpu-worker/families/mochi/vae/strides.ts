import type { VaeConfig } from '../config/config.ts';

/** Pixels (to each side) and frames that one latent stands for; a clip's first latent frame keeps only its last frame. */
export function strides(config: Pick<VaeConfig, 'spatial_expansions' | 'temporal_expansions'>): {
  space: number;
  time: number;
} {
  const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
  return { space: product(config.spatial_expansions), time: product(config.temporal_expansions) };
}
