import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder, makeFile } from '../../../platform/fetch/cache.ts';
import { PYTHON_FOLDER } from './python-environment.ts';

/** Number of each size's present content in model.py. */
const VERSIONS = { medium: 2, large: 2 };
/** The model that ships: tokenizer and scheduler are its. */
export const TINY = fileURLToPath(new URL('../../../../gpu-worker/models/mochi-tiny', import.meta.url));

/** Folder of the model of that size in model.py, made when it is not in the cache. */
export async function randomModel(python: string, size: keyof typeof VERSIONS): Promise<string> {
  const folder = join(cacheFolder(), 'bench', `${size}-model-${VERSIONS[size]}`);
  if (existsSync(folder)) return folder;
  await makeFile(folder, async (temporary) => {
    await mkdir(temporary);
    await promisify(execFile)(python, [join(PYTHON_FOLDER, 'model.py'), size, temporary]);
    await writeFile(join(temporary, 'model_index.json'), JSON.stringify({ _class_name: 'MochiPipeline' }));
    for (const part of ['scheduler', 'tokenizer'])
      await cp(join(TINY, part), join(temporary, part), { recursive: true });
  });
  return folder;
}
