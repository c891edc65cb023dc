import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config/config.ts';
import { assertNoSingleFile } from './model-folder.ts';
import { MOCHI_1_PROFILE, modelProfileSchema, type ModelProfile } from '../../contract/model-profile.ts';

/**
 * What the model in a folder can be asked for: its `profile.json`, or {@link MOCHI_1_PROFILE} where there is none, as in
 * the published Mochi 1 folder. The API and both workers read it from the same `MODEL_DIR`.
 *
 * @throws ConfigError naming the file and the fields, where `profile.json` is not a profile; ENOENT without the folder;
 *   UserError where it is a file
 */
export async function loadProfile(modelDir: string): Promise<ModelProfile> {
  await assertNoSingleFile(modelDir);
  const path = join(modelDir, 'profile.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    // Without the folder itself it is a wrong path, not Mochi 1.
    await access(modelDir);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return MOCHI_1_PROFILE;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${path} is not valid JSON: ${String(error)}`);
  }
  const parsed = modelProfileSchema.safeParse(json);
  if (!parsed.success) throw new ConfigError(`${path} is not a model profile:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
