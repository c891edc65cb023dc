import { z } from 'zod';

const count = z.int().min(1);

/** `config.json` of transformers' `T5EncoderModel`, version 1.1. */
export const textEncoderSchema = z.object({
  d_model: count,
  d_kv: count,
  num_heads: count,
  d_ff: count,
  num_layers: count,
  vocab_size: count,
  layer_norm_epsilon: z.number().default(1e-6),
  feed_forward_proj: z.literal('gated-gelu'),
  relative_attention_num_buckets: z.literal(32).default(32),
  relative_attention_max_distance: z.literal(128).default(128),
});

export type TextEncoderConfig = z.infer<typeof textEncoderSchema>;
