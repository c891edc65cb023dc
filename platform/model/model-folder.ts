import { readdir } from 'node:fs/promises';
import { ConfigError } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

const SINGLE_FILE = /\.(safetensors|sft|gguf|ckpt|pth?|bin)$/i;
const REMEDY =
  "Kinora reads a folder in diffusers' layout, with model_index.json, transformer, vae, text_encoder and tokenizer. " +
  'Get one with "npm run models:pull" and set MODEL_DIR to it.';

/**
 * Says what `MODEL_DIR` is where it is not a folder but one of the files that other programs take models from. Whether a
 * folder is a model is for those who read it to say.
 *
 * @throws UserError
 */
export async function assertNoSingleFile(modelDir: string): Promise<void> {
  const code = await readdir(modelDir).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (code !== 'ENOTDIR') return;
  const what = SINGLE_FILE.test(modelDir) ? 'a single-file checkpoint' : 'a file';
  throw new UserError(`MODEL_DIR=${modelDir} is ${what}, not a model's folder. ${REMEDY}`);
}

/** @throws UserError where a folder is no model either; it names the single-file checkpoints that lie in it. */
export async function assertModelFolder(modelDir: string): Promise<void> {
  await assertNoSingleFile(modelDir);
  const names = await readdir(modelDir).catch((): string[] => []);
  if (names.includes('model_index.json')) return;
  const files = names.filter((name) => SINGLE_FILE.test(name)).toSorted();
  const holds = files.length === 0 ? '' : `, but a single-file checkpoint (${files.slice(0, 3).join(', ')})`;
  throw new UserError(
    `MODEL_DIR=${modelDir} is not a model in diffusers' layout: it has no model_index.json${holds}. ${REMEDY}`,
  );
}

/**
 * Waits for what reads the folder of `MODEL_DIR`. A folder that cannot be used is a setting that cannot be used: starting
 * again does not help.
 *
 * @param faults what is thrown where the folder is at fault
 * @throws ConfigError in place of these
 */
export async function fromModelFolder<T>(
  modelDir: string,
  reading: Promise<T>,
  ...faults: (new (message: string) => Error)[]
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!faults.some((fault) => error instanceof fault)) throw error;
    throw new ConfigError(
      `MODEL_DIR=${modelDir} cannot be used: ${(error as Error).message}\n` +
        'Get the model anew with "npm run models:pull"; "npm run models:check" names everything that is wrong with a folder.',
    );
  }
}
