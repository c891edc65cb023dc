import * as ort from 'onnxruntime-node';
import type { VaeDecoderGraph } from '../graphs/vae-decoder.ts';
import { float32, int64 } from '../../../inference/onnx/session.ts';

/** Sizes of a run of latent frames. */
export interface ChunkShape {
  t: number;
  h: number;
  w: number;
}

/** The decoder of one device. It keeps what the convolutions remember of each tile that is being decoded. */
export class VaeDecoder {
  private readonly session: ort.InferenceSession;
  private readonly graph: VaeDecoderGraph;
  private readonly channels: number;
  private readonly memories = new Map<number, Record<string, ort.Tensor>>();

  /** @param session of the graph; `channels` are those of the latents */
  constructor(session: ort.InferenceSession, graph: VaeDecoderGraph, channels: number) {
    this.session = session;
    this.graph = graph;
    this.channels = channels;
  }

  /**
   * Decodes the next latent frames of a tile.
   *
   * @param latents denormalised, `[t, c, h, w]`
   * @param first whether the clip begins with them
   * @returns VAE values `[frames, 3, H, W]`, none of the clip's first frames dropped
   */
  async decodeChunk(tile: number, latents: Float32Array, shape: ChunkShape, first: boolean): Promise<Float32Array> {
    const { t } = shape;
    if (!this.graph.oneByOne || t === 1) return this.run(tile, latents, shape, first);
    const size = latents.length / t;
    const runs: Float32Array[] = [];
    for (let i = 0; i < t; i++) {
      const latent = latents.subarray(i * size, (i + 1) * size);
      runs.push(await this.run(tile, latent, { ...shape, t: 1 }, first && i === 0));
    }
    return joined(runs);
  }

  /** Forgets every tile. */
  releaseAll(): void {
    this.memories.clear();
  }

  private async run(tile: number, latents: Float32Array, shape: ChunkShape, first: boolean): Promise<Float32Array> {
    const { t, h, w } = shape;
    const memory = first ? this.emptyMemory(h, w) : this.memories.get(tile);
    if (memory === undefined) throw new Error(`tile ${tile} has no earlier frames`);
    const vector = (values: number[]) => int64(BigInt64Array.from(values, BigInt), [values.length]);
    const sizes = Object.entries(this.graph.sizes(h, w)).map(([name, values]) => [name, vector(values)] as const);
    const { frames, ...next } = await this.session.run({
      latents: float32(latents, [t, this.channels, h, w]),
      first: vector([first ? 1 : 0]),
      ...Object.fromEntries(sizes),
      ...memory,
    });
    const kept = this.graph.states.map(({ name }) => [name, next[`next.${name}`] as ort.Tensor] as const);
    this.memories.set(tile, Object.fromEntries(kept));
    return frames!.data as Float32Array;
  }

  private emptyMemory(h: number, w: number): Record<string, ort.Tensor> {
    const entries = this.graph.states.map(({ name, type, shape }) => {
      const data = type === 'float32' ? new Float32Array(0) : new Uint16Array(0);
      return [name, new ort.Tensor(type, data, shape(0, h, w))] as const;
    });
    return Object.fromEntries(entries);
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const size = parts[0]!.length;
  const all = new Float32Array(parts.length * size);
  for (const [i, part] of parts.entries()) all.set(part, i * size);
  return all;
}
