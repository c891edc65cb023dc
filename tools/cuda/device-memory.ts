import { type MochiConfig, strides } from '../../gpu-worker/families/mochi/config/config.ts';
import type { ModelGraphs } from '../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { CUDA_DECODE_CHUNK, DEFAULT_TILING } from '../../gpu-worker/families/mochi/config/types.ts';
import { latentShape } from '../../gpu-worker/families/mochi/params.ts';
import { graphCost, type GraphCost } from './graph-cost.ts';
import { conditioningInputs, textEncoderInputs, transformerInputs, vaeInputs } from './run-inputs.ts';

export interface Clip {
  width: number;
  height: number;
  numFrames: number;
}

/** Tokens of the longest prompt. */
export const TEXT_TOKENS = 256;

/**
 * ONNX Runtime's allocator takes memory in pieces that it doubles, and kernels take workspaces that no shape tells of.
 */
const ARENA_FACTOR = 2;
/** CUDA's context, the kernels' code, and the handles of cuBLAS and cuDNN. */
const CONTEXT_BYTES = 1.5e9;

/** What one run of each graph takes; VAE tiles and chunks as on CUDA by default. */
export interface RunCosts {
  transformer: GraphCost;
  conditioning: GraphCost;
  textEncoder: GraphCost;
  vae: GraphCost;
}

/** Costs of the largest runs that a clip takes. */
export async function runCosts(config: MochiConfig, graphs: ModelGraphs, clip: Clip): Promise<RunCosts> {
  const { graph: transformer } = await graphs.transformer();
  const { graph: conditioning } = await graphs.conditioning();
  const { graph: textEncoder } = await graphs.textEncoder();
  const vae = await graphs.vae();
  const latents = latentShape(config, clip);
  const { space } = strides(config.vae);
  const tile = {
    T: Math.min(CUDA_DECODE_CHUNK, latents.T),
    h: Math.min(DEFAULT_TILING.tileSampleMinHeight / space, latents.h),
    w: Math.min(DEFAULT_TILING.tileSampleMinWidth / space, latents.w),
  };
  return {
    transformer: graphCost(transformer, transformerInputs(config, latents, TEXT_TOKENS)),
    conditioning: graphCost(conditioning, conditioningInputs(config, TEXT_TOKENS)),
    // Its weights are widened at every run.
    textEncoder: graphCost(textEncoder, textEncoderInputs(TEXT_TOKENS), false),
    vae: graphCost(vae.graph, vaeInputs(config, vae, tile)),
  };
}

/**
 * Device memory that a GPU with the whole model needs while it makes a clip. Every session keeps what its largest run
 * took, so their peaks add up.
 *
 * @param weights bytes of all sessions' weights
 */
export function deviceBytes(weights: number, costs: RunCosts): { activations: number; total: number } {
  const peaks = Object.values(costs as unknown as Record<string, GraphCost>).map(({ peakBytes }) => peakBytes);
  const activations = ARENA_FACTOR * peaks.reduce((sum, peak) => sum + peak, 0);
  return { activations, total: weights + activations + CONTEXT_BYTES };
}
