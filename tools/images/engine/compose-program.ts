import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { goBuild } from '../../../platform/fetch/go-build.ts';
import { exists } from '../../../platform/files/folder.ts';

const MODULE = fileURLToPath(new URL('../../../../tools/images/engine/compose/', import.meta.url));
/** The first that takes `!override` and `!reset` in a further file. */
const OLDEST = [2, 24];

/**
 * Docker Compose: that of the client where it is new enough, else the cached one, else built into the cache by Go.
 *
 * @param client Docker's
 * @param signal stops the build
 * @returns the words that its command line begins with
 */
export async function composeProgram(
  client: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<string[]> {
  const installed = await promisify(execFile)(client, ['compose', 'version', '--short']).then(
    ({ stdout }) => stdout.trim(),
    () => '0.0',
  );
  if (isEnough(installed)) return [client, 'compose'];
  const version = /docker\/compose\/v2 v(\S+)/.exec(await readFile(join(MODULE, 'go.mod'), 'utf8'))![1]!;
  const path = join(cacheFolder(), `docker-compose-${version}`, 'docker-compose');
  if (!(await exists(path))) {
    await goBuild({
      module: MODULE,
      package: 'github.com/docker/compose/v2/cmd',
      output: path,
      signal,
      progress: (howFar) => tell(`building Docker Compose ${version} with Go, ${howFar}`),
    });
  }
  return [path];
}

function isEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > OLDEST[0]! || (major === OLDEST[0] && minor >= OLDEST[1]!);
}
