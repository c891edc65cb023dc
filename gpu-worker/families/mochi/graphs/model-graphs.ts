import type { MochiConfig } from '../config/config.ts';
import type { ComputeType, Component, TensorSource, Weights } from '../../../weights/weights.ts';
import { t5Encoder } from '../../../text/t5-encoder.ts';
import { textConditioning } from './text-conditioning.ts';
import { transformer } from './transformer.ts';
import { vaeDecoder, type VaeDecoderGraph } from './vae-decoder.ts';

/** A graph, and how a session of it is to be made. */
export interface LoadableGraph {
  graph: Uint8Array;
  convertWeightsAtLoad: boolean;
  prepack: boolean;
}

/**
 * Packed matrices are a private copy of the weights and cost a second a GiB at load. On two cores they make a pass over
 * 1,000 tokens 4 to 7 % cheaper and T5 over 64 tokens 20 %: worth it while the copy is small.
 */
const LARGEST_PREPACKED = 2 ** 30;

/** Where a component's tensors are, and how large they are together. */
type WeightsOf = (component: Component) => SizedSource | Promise<SizedSource>;
type SizedSource = TensorSource & Pick<Weights, 'bytes'>;

/** Every graph of the model as a device loads it. */
export class ModelGraphs {
  private readonly config: MochiConfig;
  private readonly computeType: ComputeType;
  private readonly onCpu: boolean;
  private readonly weightsOf: WeightsOf;

  constructor(
    config: MochiConfig,
    { device, computeType }: { device: string; computeType: ComputeType },
    weightsOf: WeightsOf,
  ) {
    this.config = config;
    this.computeType = computeType;
    this.onCpu = device === 'cpu';
    this.weightsOf = weightsOf;
  }

  async transformer(): Promise<LoadableGraph> {
    const kernel = this.onCpu ? 'contrib' : 'standard';
    const weights = await this.weightsOf('transformer');
    return {
      graph: transformer(this.config.transformer, weights, this.computeType, kernel),
      convertWeightsAtLoad: true,
      prepack: this.prepacks(weights),
    };
  }

  async conditioning(): Promise<LoadableGraph> {
    const weights = await this.weightsOf('transformer');
    const graph = textConditioning(this.config.transformer, weights, this.computeType);
    // It runs once for each text of a video, which is too seldom for packing.
    return { graph, convertWeightsAtLoad: true, prepack: false };
  }

  async vae(): Promise<LoadableGraph & VaeDecoderGraph> {
    const weights = await this.weightsOf('vae');
    const oneByOne = this.onCpu && this.computeType === 'float32';
    const decoder = vaeDecoder(this.config.vae, weights, this.computeType, oneByOne);
    // Convolutions have nothing that would be packed.
    return { ...decoder, convertWeightsAtLoad: true, prepack: false };
  }

  /**
   * T5 computes in float32 on every device, as Genmo's does; on CUDA its stored halves are widened run by run, because
   * the widened copy would take 19 GB of the device.
   */
  async textEncoder(): Promise<LoadableGraph> {
    const weights = await this.weightsOf('text_encoder');
    const graph = t5Encoder(this.config.textEncoder, weights, 'float32');
    return { graph, convertWeightsAtLoad: this.onCpu, prepack: this.prepacks(weights) };
  }

  private prepacks({ bytes }: SizedSource): boolean {
    return this.onCpu && bytes <= LARGEST_PREPACKED;
  }
}

/** Builds every graph of a component, only to learn what it asks for. */
type Build = (weights: TensorSource, computeType: ComputeType) => unknown;

/** The components whose config is known. */
export function componentGraphs(
  configs: Partial<Pick<MochiConfig, 'textEncoder' | 'transformer' | 'vae'>>,
): Map<Component, Build> {
  const { textEncoder, transformer: dit, vae } = configs;
  const graphs = new Map<Component, Build>();
  // It computes in float32 on every device, also from stored halves.
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
