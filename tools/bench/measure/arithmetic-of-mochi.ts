import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { graphCost } from '../../cuda/graph-cost.ts';
import { type Clip, TEXT_TOKENS } from '../../cuda/device-memory.ts';
import { MOCHI_1 } from '../../cuda/mochi-1.ts';
import { transformerInputs } from '../../cuda/run-inputs.ts';
import { writeStandInModel } from '../../cuda/stand-in-model.ts';
import { readConfig } from '../../../gpu-worker/families/mochi/config/config.ts';
import { ModelGraphs } from '../../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import { latentShape } from '../../../gpu-worker/families/mochi/params.ts';
import { findWeights, WEIGHT_FILES } from '../../../gpu-worker/weights/weights.ts';

/** What an H100 SXM can do by its data sheet: dense bfloat16, and bytes a second from its memory. */
const H100 = { flops: 989e12, bytes: 3.35e12 };
/** Operations for each byte from which on an H100 waits for arithmetic, not for memory. */
export const H100_RIDGE = H100.flops / H100.bytes;

/** One pass of Mochi 1's transformer in bfloat16, on paper. */
export interface PaperPass {
  operations: number;
  weightBytes: number;
  /** Operations for each byte of weights. */
  intensity: number;
  /** On an H100 at its best: seconds of arithmetic, and of reading the weights once. */
  arithmeticS: number;
  weightsS: number;
}

/** @param folder gets a model without content */
export async function arithmeticOfMochi(folder: string, clips: readonly Clip[]): Promise<PaperPass[]> {
  await writeStandInModel(folder, MOCHI_1, 'none');
  const config = await readConfig(folder);
  const options = { device: 'cuda:0', computeType: 'bfloat16' } as const;
  const graphs = new ModelGraphs(config, options, (component) => findWeights(folder, component, 'bfloat16'));
  const { graph } = await graphs.transformer();
  const { size: weightBytes } = await stat(join(folder, 'transformer', `${WEIGHT_FILES.transformer}.safetensors`));
  return clips.map((clip) => {
    const { operations } = graphCost(graph, transformerInputs(config, latentShape(config, clip), TEXT_TOKENS));
    return {
      operations,
      weightBytes,
      intensity: operations / weightBytes,
      arithmeticS: operations / H100.flops,
      weightsS: weightBytes / H100.bytes,
    };
  });
}
