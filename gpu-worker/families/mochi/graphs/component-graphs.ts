import type { MochiConfig } from '../config/config.ts';
import type { ComputeType, Component, TensorSource } from '../../../weights/weights.ts';
import { t5Encoder } from '../../../text/t5-encoder.ts';
import { textConditioning } from './text-conditioning.ts';
import { transformer } from './transformer.ts';
import { vaeDecoder } from './vae-decoder.ts';

/** Builds every graph of a component, only to learn what it asks for. */
type Build = (weights: TensorSource, computeType: ComputeType) => unknown;

/** The components whose config is known. */
export function componentGraphs(
  configs: Partial<Pick<MochiConfig, 'textEncoder' | 'transformer' | 'vae'>>,
): Map<Component, Build> {
  const { textEncoder, transformer: dit, vae } = configs;
  const graphs = new Map<Component, Build>();
  // It computes in float32 on every device, whatever it is stored in.
  if (textEncoder) graphs.set('text_encoder', (weights) => t5Encoder(textEncoder, weights, 'float32'));
  if (dit) {
    graphs.set('transformer', (weights, computeType) => {
      textConditioning(dit, weights, computeType);
      transformer(dit, weights, computeType, 'standard');
    });
  }
  if (vae) graphs.set('vae', (weights, computeType) => vaeDecoder(vae, weights, computeType));
  return graphs;
}
