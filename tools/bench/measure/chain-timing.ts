import type { Tensor } from 'onnxruntime-node';
import { GraphBuilder } from '../../../gpu-worker/inference/onnx/graph-builder.ts';
import { createSession, runOne } from '../../../gpu-worker/inference/onnx/session.ts';
import type { ComputeType } from '../../../gpu-worker/weights/weights.ts';
import { spreadOf } from '../../harness/measure/spread.ts';

/** Links of the two chains that are compared. */
export interface ChainLengths {
  short: number;
  long: number;
}

/** Short chains need many rounds for a median that no other process moves. */
const LEAST_MS = 250;

/**
 * What one link of a chain takes: a short and a long one are compared, so that what happens once a run (copies from and to
 * the host) does not count.
 *
 * @param chain a graph of that many links with the output `y`
 * @param rounds at least
 * @returns seconds
 */
export async function secondsOfLink(
  chain: (links: number) => Uint8Array,
  lengths: ChainLengths,
  feeds: Record<string, Tensor>,
  { device, threads, rounds }: { device: string; threads: number; rounds: number },
): Promise<number> {
  const options = { threads, convertWeightsAtLoad: true };
  const sessions = {
    short: await createSession(chain(lengths.short), device, options),
    long: await createSession(chain(lengths.long), device, options),
  };
  const seconds: Record<keyof ChainLengths, number[]> = { short: [], long: [] };
  const begunAt = performance.now();
  for (let round = 0; round <= rounds || performance.now() - begunAt < LEAST_MS; round++) {
    for (const length of ['short', 'long'] as const) {
      const begin = performance.now();
      await runOne(sessions[length], feeds, 'y');
      // The first run makes room and chooses kernels.
      if (round > 0) seconds[length].push((performance.now() - begin) / 1000);
    }
  }
  return (spreadOf(seconds.long).median - spreadOf(seconds.short).median) / (lengths.long - lengths.short);
}

/** A builder of a graph that has inputs only. */
export function graphWithoutWeights(type: ComputeType): GraphBuilder {
  const noWeights = () => {
    throw new Error('the graph has no weights');
  };
  return new GraphBuilder({ get: noWeights }, type);
}
