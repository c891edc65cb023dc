import type { MochiConfig } from '../../gpu-worker/families/mochi/config/config.ts';
import type { VaeDecoderGraph } from '../../gpu-worker/families/mochi/graphs/vae-decoder.ts';
import type { LatentShape } from '../../gpu-worker/inference/protocol.ts';
import type { GraphInput } from './graph-cost.ts';

type Inputs = Record<string, GraphInput>;

/** Inputs of the transformer for latents of that size and a text of that many tokens. */
export function transformerInputs({ transformer }: MochiConfig, { T, h, w }: LatentShape, tokens: number): Inputs {
  const { in_channels: c, patch_size: p, num_attention_heads, attention_head_dim } = transformer;
  const [rows, columns] = [h / p, w / p];
  return {
    latents: { dims: [c, T, rows, p, columns, p] },
    timestep: { dims: [1] },
    positions: { dims: [T * rows * columns, 3] },
    grid: { dims: [6], values: [T, rows, columns, p, p, c] },
    pooled: { dims: [1, num_attention_heads * attention_head_dim] },
    context: { dims: [tokens, transformer.pooled_projection_dim] },
  };
}

export function conditioningInputs({ transformer: { text_embed_dim: E } }: MochiConfig, tokens: number): Inputs {
  return { text: { dims: [tokens, E] }, mean: { dims: [1, E] } };
}

export function textEncoderInputs(tokens: number): Inputs {
  return { ids: { dims: [tokens] }, buckets: { dims: [tokens, tokens] } };
}

/** Inputs of the VAE decoder for latent frames in the middle of a clip, when the convolutions remember two frames each. */
export function vaeInputs(
  { vae }: MochiConfig,
  { states, sizes }: Pick<VaeDecoderGraph, 'states' | 'sizes'>,
  { T, h, w }: LatentShape,
): Inputs {
  const vectors = Object.entries(sizes(h, w)).map(([name, values]) => [name, { dims: [values.length], values }]);
  return {
    latents: { dims: [T, vae.latent_channels, h, w] },
    first: { dims: [1], values: [0] },
    ...Object.fromEntries(states.map(({ name, shape }) => [name, { dims: shape(2, h, w) }])),
    ...Object.fromEntries(vectors),
  };
}
