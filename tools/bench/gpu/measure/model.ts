import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFile } from '../../../../platform/fetch/cache.ts';
import type { Component } from '../../../../gpu-worker/weights/weights.ts';
import { writeStandInModel } from '../../../cuda/stand-in-model.ts';
import { SMALL_MOCHI } from '../../../harness/model/small-mochi.ts';
import { TINY } from '../../measure/random-model.ts';
import type { StepContext } from './step.ts';

/** Standard deviation of the random weights: activations stay in range over 48 layers. */
const DEVIATION = 0.02;

/**
 * Folder of the workload's model with random weights, made in seconds where no step has made it yet.
 *
 * @param components that a step uses; the others are small, so that they are loaded at once
 */
export async function modelFolder({ folder, workload }: StepContext, components: Component[]): Promise<string> {
  const dir = join(folder, ['model', ...components].join('-'));
  if (existsSync(dir)) return dir;
  await makeFile(dir, async (temporary) => {
    await writeStandInModel(temporary, configs(workload.model, components), { random: DEVIATION });
    for (const part of ['scheduler', 'tokenizer']) {
      await cp(join(TINY, part), join(temporary, part), { recursive: true });
    }
  });
  return dir;
}

function configs(model: Readonly<Record<string, object>>, components: Component[]): Record<string, object> {
  const chosen: Record<string, object> = { ...SMALL_MOCHI };
  for (const component of components) chosen[`${component}/config.json`] = model[`${component}/config.json`]!;
  // The two are connected by the width of the text.
  const { text_embed_dim } = chosen['transformer/config.json'] as { text_embed_dim: number };
  const small = components.includes('text_encoder') ? {} : { vocab_size: 64 };
  chosen['text_encoder/config.json'] = { ...chosen['text_encoder/config.json'], d_model: text_embed_dim, ...small };
  return chosen;
}
