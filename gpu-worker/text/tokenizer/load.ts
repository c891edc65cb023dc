import { join } from 'node:path';
import { z } from 'zod';
import { readModelFile } from '../../weights/model-file.ts';
import { TokenizerFileError } from './errors.ts';
import { DEFAULT_EXTRA_IDS, parseSpieceModel } from './spiece-model.ts';
import { T5Tokenizer } from './t5-tokenizer.ts';
import { parseTokenizerJson, type T5TokenizerJson } from './tokenizer-json.ts';

/** T5's have 2.4 MB, those of the largest vocabularies some 20 MB. */
const MAX_BYTES = 64 << 20;

/** T5 has 100 of them, UMT5 300. */
const MAX_EXTRA_IDS = 10_000;

/** The files that a tokenizer can be made of, the preferred one first. */
export const TOKENIZER_FILES = ['tokenizer.json', 'spiece.model'] as const;
export type TokenizerFile = (typeof TOKENIZER_FILES)[number];

/**
 * Loads the tokenizer of a diffusers folder (`…/tokenizer`): from `tokenizer.json`, or where there is none, as in the
 * published Mochi 1, from `spiece.model` alone.
 *
 * @param from which files are read. @default both
 * @throws TokenizerFileError naming the file that is missing or cannot be used
 */
export async function loadTokenizer(
  folder: string,
  from: readonly TokenizerFile[] = TOKENIZER_FILES,
): Promise<T5Tokenizer> {
  const { file, json } = await readTokenizer(folder, from);
  try {
    return new T5Tokenizer(json);
  } catch (error) {
    throw new TokenizerFileError(`${file}: ${(error as Error).message}`);
  }
}

async function readTokenizer(
  folder: string,
  from: readonly TokenizerFile[],
): Promise<{ file: string; json: T5TokenizerJson }> {
  for (const name of from) {
    const file = join(folder, name);
    const bytes = await readIfThere(file);
    if (bytes === undefined) continue;
    const json =
      name === 'tokenizer.json'
        ? parseTokenizerJson(bytes.toString('utf8'), file)
        : parseSpieceModel(bytes, file, await readExtraIds(folder));
    return { file, json };
  }
  throw new TokenizerFileError(`${folder}: holds no ${from.join(' and no ')}`);
}

/** How many `<extra_id_…>` there are: `extra_ids` of `tokenizer_config.json`, which may be absent. */
async function readExtraIds(folder: string): Promise<number> {
  const file = join(folder, 'tokenizer_config.json');
  const text = await readIfThere(file);
  if (text === undefined) return DEFAULT_EXTRA_IDS;
  try {
    const schema = z.object({ extra_ids: z.int().min(0).max(MAX_EXTRA_IDS).default(DEFAULT_EXTRA_IDS) });
    return schema.parse(JSON.parse(text.toString('utf8'))).extra_ids;
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new TokenizerFileError(`${file}: ${why}`);
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readModelFile(file, MAX_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new TokenizerFileError(`${file}: ${(error as Error).message}`);
  }
}
