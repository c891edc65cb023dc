import { join } from 'node:path';
import { z } from 'zod';
import { ModelFolderError } from '../../../weights/errors.ts';
import { readJson } from '../../../weights/model-file.ts';
import { type TextEncoderConfig, textEncoderSchema } from '../../../text/t5-config.ts';

const count = z.int().min(1);

const transformerSchema = z.object({
  activation_fn: z.literal('swiglu').default('swiglu'),
  attention_head_dim: count.multipleOf(2),
  in_channels: count,
  num_attention_heads: count,
  num_layers: count,
  out_channels: count.nullish(),
  patch_size: count,
  pooled_projection_dim: count,
  qk_norm: z.literal('rms_norm').default('rms_norm'),
  text_embed_dim: count.multipleOf(8),
  time_embed_dim: count.multipleOf(2),
});

const perChannel = z.array(z.number()).nullish();

const vaeSchema = z.object({
  act_fn: z.literal('silu').default('silu'),
  decoder_block_out_channels: z.array(count.multipleOf(32)).length(4),
  latent_channels: count,
  layers_per_block: z.array(z.int().min(0)).length(5),
  out_channels: z.literal(3).default(3),
  scaling_factor: z.number().default(1),
  latents_mean: perChannel,
  latents_std: perChannel,
  spatial_expansions: z.array(count).length(3),
  temporal_expansions: z.array(count).length(3),
});

const indexSchema = z.object({
  _class_name: z.literal('MochiPipeline'),
  force_zeros_for_empty_prompt: z.boolean().default(false),
});

export type TransformerConfig = z.infer<typeof transformerSchema>;
export type VaeConfig = z.infer<typeof vaeSchema>;

/** Pixels (to each side) and frames that one latent stands for; a clip's first latent frame keeps only its last frame. */
export function strides(config: Pick<VaeConfig, 'spatial_expansions' | 'temporal_expansions'>): {
  space: number;
  time: number;
} {
  const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
  return { space: product(config.spatial_expansions), time: product(config.temporal_expansions) };
}

/** Everything that the folder's JSON files say about the model. */
export interface MochiConfig {
  dir: string;
  forceZerosForEmptyPrompt: boolean;
  textEncoder: TextEncoderConfig;
  transformer: TransformerConfig;
  vae: VaeConfig;
}

/** Each of the folder's configs by itself; they throw as {@link readConfig} does. */
export const configReaders = {
  index: (dir: string) => readJson(join(dir, 'model_index.json'), indexSchema),
  textEncoder: (dir: string) => readJson(join(dir, 'text_encoder', 'config.json'), textEncoderSchema),
  transformer: (dir: string) => readJson(join(dir, 'transformer', 'config.json'), transformerSchema),
  vae: (dir: string) => readJson(join(dir, 'vae', 'config.json'), vaeSchema),
};

/**
 * Reads the configs of a folder in diffusers' `MochiPipeline` layout.
 *
 * @throws ModelFolderError naming the file and the field that is missing or not supported
 */
export async function readConfig(dir: string): Promise<MochiConfig> {
  // First, so that for a wrong folder the error names the file that makes a pipeline.
  const index = await configReaders.index(dir);
  const [textEncoder, transformer, vae] = await Promise.all([
    configReaders.textEncoder(dir),
    configReaders.transformer(dir),
    configReaders.vae(dir),
  ]);
  const agree = (what: string, a: number, b: number) => {
    if (a !== b) throw new ModelFolderError(`${dir}: ${what} do not agree: ${a} and ${b}`);
  };
  agree('transformer.text_embed_dim and text_encoder.d_model', transformer.text_embed_dim, textEncoder.d_model);
  agree('transformer.in_channels and vae.latent_channels', transformer.in_channels, vae.latent_channels);
  agree(
    'transformer.out_channels and in_channels',
    transformer.out_channels ?? transformer.in_channels,
    transformer.in_channels,
  );
  for (const values of [vae.latents_mean, vae.latents_std]) {
    if (values) agree('vae.latents_mean/latents_std lengths and latent_channels', values.length, vae.latent_channels);
  }
  return { dir, forceZerosForEmptyPrompt: index.force_zeros_for_empty_prompt, textEncoder, transformer, vae };
}
