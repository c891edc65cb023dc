import { performance } from 'node:perf_hooks';
import type * as ort from 'onnxruntime-node';
import { readConfig, type MochiConfig } from './config/config.ts';
import { type LoadableGraph, ModelGraphs } from './graphs/model-graphs.ts';
import { tokenPositions } from './graphs/positions.ts';
import { relativeBuckets } from '../../text/t5-encoder.ts';
import { createSession, float32, int64, runOne } from '../../inference/onnx/session.ts';
import { VaeDecoder } from './vae/vae-session.ts';
import { findWeights } from '../../weights/weights.ts';
import type { LatentShape, InferenceCalls, LoadArgs, TimedResult } from '../../inference/protocol.ts';

interface Conditioned {
  pooled: ort.Tensor;
  context: ort.Tensor;
}

/** The model as one device holds it: sessions, the texts of the current video, the state of a running decode. */
export class InferenceModel implements InferenceCalls {
  private config!: MochiConfig;
  private textEncoder: ort.InferenceSession | undefined;
  private conditioning!: ort.InferenceSession;
  private transformer!: ort.InferenceSession;
  private vae!: VaeDecoder;
  private readonly conditioned = new Map<string, Conditioned>();
  private positions: { key: string; tensor: ort.Tensor } | undefined;

  async load({ dir, device, computeType, threads, textEncoder }: LoadArgs): Promise<void> {
    this.config = await readConfig(dir);
    const graphs = new ModelGraphs(this.config, { device, computeType }, (component) =>
      findWeights(dir, component, computeType),
    );
    const session = ({ graph, convertWeightsAtLoad, prepack }: LoadableGraph) =>
      createSession(graph, device, { threads, convertWeightsAtLoad, prepack });
    this.transformer = await session(await graphs.transformer());
    this.conditioning = await session(await graphs.conditioning());
    const vae = await graphs.vae();
    this.vae = new VaeDecoder(await session(vae), vae, this.config.vae.latent_channels);
    if (textEncoder) this.textEncoder = await session(await graphs.textEncoder());
  }

  async encodeText(ids: number[]): Promise<Float32Array> {
    if (this.textEncoder === undefined) throw new Error('this process holds no text encoder');
    const S = ids.length;
    const feeds = {
      ids: int64(BigInt64Array.from(ids, BigInt), [S]),
      buckets: int64(relativeBuckets(S), [S, S]),
    };
    return runOne(this.textEncoder, feeds, 'text');
  }

  async condition(pass: string, text: Float32Array): Promise<void> {
    const E = this.config.transformer.text_embed_dim;
    const S = text.length / E;
    const mean = new Float32Array(E);
    for (let i = 0; i < text.length; i++) mean[i % E]! += text[i]! / S;
    const results = await this.conditioning.run({ text: float32(text, [S, E]), mean: float32(mean, [1, E]) });
    this.conditioned.set(pass, { pooled: results.pooled as ort.Tensor, context: results.context as ort.Tensor });
  }

  async velocity(pass: string, latents: Float32Array, shape: LatentShape, timestep: number): Promise<TimedResult> {
    const text = this.conditioned.get(pass);
    if (text === undefined) throw new Error(`no text was given for the pass "${pass}"`);
    const { in_channels: c, patch_size: p } = this.config.transformer;
    const startedAt = now();
    const feeds = {
      latents: float32(latents, [c, shape.T, shape.h / p, p, shape.w / p, p]),
      timestep: float32(Float32Array.of(timestep), [1]),
      positions: this.positionsOf(shape),
      grid: int64(BigInt64Array.from([shape.T, shape.h / p, shape.w / p, p, p, c], BigInt), [6]),
      pooled: text.pooled,
      context: text.context,
    };
    const data = await runOne(this.transformer, feeds, 'velocity');
    return { data, startedAt, endedAt: now() };
  }

  async decodeTile(tile: number, latents: Float32Array, shape: LatentShape, first: boolean): Promise<TimedResult> {
    const startedAt = now();
    const data = await this.vae.decodeChunk(tile, latents, { t: shape.T, h: shape.h, w: shape.w }, first);
    return { data, startedAt, endedAt: now() };
  }

  async endDecode(): Promise<void> {
    this.vae.releaseAll();
  }

  async peakMemoryMb(): Promise<number> {
    return Math.round(process.resourceUsage().maxRSS / 1024);
  }

  private positionsOf({ T, h, w }: LatentShape): ort.Tensor {
    const p = this.config.transformer.patch_size;
    const key = `${T}x${h}x${w}`;
    if (this.positions?.key !== key) {
      const values = tokenPositions(T, h / p, w / p);
      this.positions = { key, tensor: float32(values, [values.length / 3, 3]) };
    }
    return this.positions.tensor;
  }
}

const now = () => performance.timeOrigin + performance.now();
