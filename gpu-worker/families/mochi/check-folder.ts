import { join } from 'node:path';
import { configReaders, readConfig } from './config/config.ts';
import { ModelFolderError } from '../../weights/errors.ts';
import { componentGraphs } from './graphs/model-graphs.ts';
import { readSchedulerConfig } from './config/scheduler-config.ts';
import { TokenizerFileError } from '../../text/tokenizer/errors.ts';
import { loadTokenizer } from '../../text/tokenizer/load.ts';
import { findWeights, type OnFault } from '../../weights/weights.ts';

/**
 * Verifies a model folder without loading it: its configs, its tokenizer, and, by building every graph as the inference
 * processes do, for both precisions, that each tensor is there whole with the right shape and type. Reads headers only,
 * so it takes seconds for any size; wrong numbers in a file of the right form are for checksums to find.
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

  for (const [folder, build] of componentGraphs(configs)) {
    for (const computeType of ['float32', 'bfloat16'] as const) {
      const weights = await noted(() => findWeights(dir, folder, computeType, onFault));
      if (weights) await noted(() => build(weights, computeType));
    }
  }
  return [...faults];
}
