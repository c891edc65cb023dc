import type { MochiConfig } from '../config.ts';
import type { ComputeType } from '../types.ts';
import type { Component, TensorSource } from '../weights.ts';
import { t5Encoder } from './t5-encoder.ts';
import { textConditioning } from './text-conditioning.ts';
import { transformer } from './transformer.ts';
import { vaeDecoder, type VaeDecoderGraph } from './vae-decoder.ts';

/** A graph, and how a session of it is to be made. */
export interface LoadableGraph {
  graph: Uint8Array;
  convertWeightsAtLoad: boolean;
}

/** Every graph of the model as a device loads it. */
export class ModelGraphs {
  private readonly config: MochiConfig;
  private readonly computeType: ComputeType;
  private readonly onCpu: boolean;
  private readonly weightsOf: (component: Component) => TensorSource | Promise<TensorSource>;

  constructor(
    config: MochiConfig,
    { device, computeType }: { device: string; computeType: ComputeType },
    weightsOf: (component: Component) => TensorSource | Promise<TensorSource>,
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
    };
  }

  async conditioning(): Promise<LoadableGraph> {
    const weights = await this.weightsOf('transformer');
    return { graph: textConditioning(this.config.transformer, weights, this.computeType), convertWeightsAtLoad: true };
  }

  async vae(): Promise<LoadableGraph & VaeDecoderGraph> {
    const weights = await this.weightsOf('vae');
    const oneByOne = this.onCpu && this.computeType === 'float32';
    return { ...vaeDecoder(this.config.vae, weights, this.computeType, oneByOne), convertWeightsAtLoad: true };
  }

  /**
   * T5 computes in float32 on every device, as Genmo's does; on CUDA its stored halves are widened run by run, because
   * the widened copy would take 19 GB of the device.
   */
  async textEncoder(): Promise<LoadableGraph> {
    const weights = await this.weightsOf('text_encoder');
    return { graph: t5Encoder(this.config.textEncoder, weights, 'float32'), convertWeightsAtLoad: this.onCpu };
  }
}
