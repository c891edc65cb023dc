import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonVenv } from '../../harness/python-venv.ts';

/** Folder of the service that Kinora's is held against. */
export const BASELINE_FOLDER = fileURLToPath(new URL('../../../../tools/bench/baseline-service', import.meta.url));

/**
 * Folder of the baseline's programs (`python`, `redis-server`), in the cache, installed when it is not there.
 *
 * @throws UserError where there is no Python, or packages cannot be had
 */
export async function baselineEnvironment(): Promise<string> {
  const requirements = join(BASELINE_FOLDER, 'requirements.txt');
  const name = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  return pythonVenv(join('bench', `baseline-${name}`), (pip) => pip('-r', requirements));
}
