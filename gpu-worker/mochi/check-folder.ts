import { join } from 'node:path';
import { configReaders, readConfig, type MochiConfig } from './config.ts';
import { ModelFolderError } from './errors.ts';
import { t5Encoder } from './graphs/t5-encoder.ts';
import { textConditioning } from './graphs/text-conditioning.ts';
import { transformer } from './graphs/transformer.ts';
import { vaeDecoder } from './graphs/vae-decoder.ts';
import { readSchedulerConfig } from './scheduler-config.ts';
import { TokenizerFileError } from './tokenizer/errors.ts';
import { loadTokenizer } from './tokenizer/load.ts';
import type { ComputeType } from './types.ts';
import { type Component, findWeights, type OnFault, type Weights } from './weights.ts';

/** What a component's graphs need, by the code that builds them. */
interface GraphsOf {
  folder: Component;
  build: (weights: Weights, computeType: ComputeType) => unknown;
}

/**
 * Verifies a model folder without loading it: its configs, its tokenizer, and, by building every graph as the inference
 * processes do, for both precisions, that each tensor is there whole with the right shape and type. Reads headers only,
 * so it takes seconds whatever the size; wrong numbers in a file of the right form are for checksums to find.
 *
 * @returns one sentence for each fault, naming file, tensor and shapes; none for a usable folder
 */
export async function checkFolder(dir: string): Promise<string[]> {
  const faults = new Set<string>();
  const onFault: OnFault = ({ message }) => faults.add(message);
  const noted = async <T>(check: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof ModelFolderError || error instanceof TokenizerFileError)) throw error;
      faults.add(error.message);
      return undefined;
    }
  };

  await noted(() => readSchedulerConfig(dir));
  await noted(() => loadTokenizer(join(dir, 'tokenizer')));
  const index = await noted(() => configReaders.index(dir));
  const configs = {
    textEncoder: await noted(() => configReaders.textEncoder(dir)),
    transformer: await noted(() => configReaders.transformer(dir)),
    vae: await noted(() => configReaders.vae(dir)),
  };
  if (index && configs.textEncoder && configs.transformer && configs.vae) await noted(() => readConfig(dir));

  for (const { folder, build } of componentsOf(configs)) {
    for (const computeType of ['float32', 'bfloat16'] as const) {
      const weights = await noted(() => findWeights(dir, folder, computeType, onFault));
      if (weights) await noted(() => build(weights, computeType));
    }
  }
  return [...faults];
}

/** Of those whose config could be read. */
function componentsOf(configs: Partial<Pick<MochiConfig, 'textEncoder' | 'transformer' | 'vae'>>): GraphsOf[] {
  const { textEncoder, transformer: dit, vae } = configs;
  const components: GraphsOf[] = [];
  if (textEncoder) {
    // It computes in float32 on every device, whatever it is stored in.
    const build = (weights: Weights) => t5Encoder(textEncoder, weights, 'float32');
    components.push({ folder: 'text_encoder', build });
  }
  if (dit) {
    const build = (weights: Weights, computeType: ComputeType) => {
      textConditioning(dit, weights, computeType);
      transformer(dit, weights, computeType, 'standard');
    };
    components.push({ folder: 'transformer', build });
  }
  if (vae) components.push({ folder: 'vae', build: (weights, type) => vaeDecoder(vae, weights, type) });
  return components;
}
