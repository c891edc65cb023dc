import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { goBuild } from '../../../platform/fetch/go-build.ts';
import { exists } from '../engine/debian-packages.ts';
import type { Around } from './recipe.ts';

const MODULE = fileURLToPath(new URL('../../../../temporal/dev-server/', import.meta.url));
const SERVER = 'go.temporal.io/server';
const PACKAGES = {
  'temporal-server': `${SERVER}/cmd/server`,
  'temporal-sql-tool': `${SERVER}/cmd/tools/sql`,
};

/**
 * A program of Temporal's server, of the very packages that the tested dev server is built from: from the cache, else built into it
 * by Go.
 *
 * @param version of the server, which must be the tested one
 * @returns its path
 */
export async function temporalProgram(
  name: keyof typeof PACKAGES,
  version: string,
  { tell, signal }: Around,
): Promise<string> {
  const tested = await testedServer();
  if (version !== tested) throw new Error(`Temporal ${version} is named, and temporal/dev-server/go.mod has ${tested}`);
  const folder = join(cacheFolder(), `temporal-server-${version}`);
  const path = join(folder, name);
  if (!(await exists(path))) {
    await goBuild({
      module: await ownModule(folder),
      package: PACKAGES[name],
      output: path,
      progress: (howFar) => tell(`building ${name} ${version} with Go, ${howFar}`),
      env: { ...process.env, GOFLAGS: '-mod=mod' },
      signal,
    });
  }
  return path;
}

/** Version of the server that the tests run on, e.g. `1.32.0`. */
export async function testedServer(): Promise<string> {
  return /go\.temporal\.io\/server v(\S+)/.exec(await readFile(join(MODULE, 'go.mod'), 'utf8'))![1]!;
}

/** A copy, since Go notes there what else these programs are made of. */
async function ownModule(folder: string): Promise<string> {
  const module = join(folder, 'module');
  await mkdir(module, { recursive: true });
  for (const name of ['go.mod', 'go.sum']) await cp(join(MODULE, name), join(module, name));
  return module;
}
