import { z } from 'zod';

const count = z.int().min(1);

/** What of a model's shape decides how much work a video is; names in brackets are those of its diffusers configs. */
export const architectureSchema = z.object({
  /** Transformer blocks (`num_layers`). */
  layers: count,
  /** Width of the visual stream (`num_attention_heads` × `attention_head_dim`). */
  width: count,
  /** VAE decoder, outermost first (`decoder_block_out_channels`). */
  vaeChannels: z.array(count).length(4),
  /** Residual blocks of each of its parts, outermost first (`layers_per_block`). */
  vaeLayers: z.array(count).length(5),
});

export type Architecture = z.infer<typeof architectureSchema>;

/** Mochi 1 as published: a transformer of 10 B parameters. */
export const MOCHI_1_ARCHITECTURE: Architecture = {
  layers: 48,
  width: 3072,
  vaeChannels: [128, 256, 512, 768],
  vaeLayers: [3, 3, 4, 6, 3],
};
