import { MOCHI_1 } from '../../cuda/mochi-1.ts';

/** Mochi 1's configuration made small. */
export const SMALL_MOCHI = {
  ...MOCHI_1,
  'text_encoder/config.json': {
    ...MOCHI_1['text_encoder/config.json'],
    d_model: 64,
    num_heads: 2,
    d_ff: 96,
    num_layers: 2,
  },
  'transformer/config.json': {
    ...MOCHI_1['transformer/config.json'],
    attention_head_dim: 16,
    num_attention_heads: 2,
    num_layers: 2,
    pooled_projection_dim: 24,
    text_embed_dim: 64,
  },
  'vae/config.json': {
    ...MOCHI_1['vae/config.json'],
    decoder_block_out_channels: [32, 32, 64, 64],
    layers_per_block: [1, 1, 1, 1, 1],
  },
};
