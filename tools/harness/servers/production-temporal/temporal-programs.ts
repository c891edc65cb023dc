import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../../platform/fetch/cache.ts';
import { goBuild } from '../../../../platform/fetch/go-build.ts';

/** Of the dev server that tests run on elsewhere: the same server, of the same packages. */
const MODULE = fileURLToPath(new URL('../../../../../temporal/dev-server/', import.meta.url));
const PACKAGES = {
  'temporal-server': 'go.temporal.io/server/cmd/server',
  'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
} as const;

/** The version of Temporal's server that go.mod names, e.g. `1.32.0`. */
export async function temporalServerVersion(): Promise<string> {
  const module = await readFile(join(MODULE, 'go.mod'), 'utf8');
  return /\tgo\.temporal\.io\/server v(\S+)/.exec(module)![1]!;
}

/**
 * A program of Temporal's server: the cached one, else built into the cache by Go, which takes minutes.
 *
 * @param tell is given what people should read meanwhile
 * @param signal gives the build up
 * @returns its path. @throws Error with what is wrong, e.g. where Go is missing
 */
export async function temporalProgram(
  name: keyof typeof PACKAGES,
  tell: (line: string) => void = () => {},
  signal?: AbortSignal,
): Promise<string> {
  const path = join(cacheFolder(), `temporal-server-${await temporalServerVersion()}`, name);
  try {
    await access(path);
  } catch {
    await goBuild({
      module: MODULE,
      package: PACKAGES[name],
      output: path,
      progress: (howFar) => tell(`building ${name} with Go, ${howFar}`),
      signal,
    });
  }
  return path;
}
