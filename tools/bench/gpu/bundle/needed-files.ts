import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { importedNames } from '../../../imports/import-graph.ts';

export interface NeededFiles {
  /** Compiled modules, from the root. */
  modules: Set<string>;
  /** Names of packages, those included that packages depend on. */
  packages: Set<string>;
}

/**
 * All that programs import, statically or later, and the modules that they start as processes and threads of their own.
 *
 * @param root of the project
 * @param programs compiled ones, from the root
 */
export async function neededFiles(root: string, programs: readonly string[]): Promise<NeededFiles> {
  const needed: NeededFiles = { modules: new Set(), packages: new Set() };
  for (const program of programs) await addModule(root, program, needed);
  return needed;
}

async function addModule(root: string, path: string, needed: NeededFiles): Promise<void> {
  if (needed.modules.has(path)) return;
  needed.modules.add(path);
  const source = await readFile(join(root, path), 'utf8');
  const names = importedNames(path, source);
  const started = [...source.matchAll(/new URL\('([^'$]+\.js)', import\.meta\.url\)/g)].map(([, url]) => `./${url}`);
  for (const name of [...names, ...started]) {
    if (name.startsWith('.')) await addModule(root, normalize(join(dirname(path), name)), needed);
    else if (!name.startsWith('node:')) await addPackage(root, packageOf(name), needed.packages);
  }
}

async function addPackage(root: string, name: string, packages: Set<string>): Promise<void> {
  const file = join(root, 'node_modules', name, 'package.json');
  // What another package brings along lies within it.
  if (packages.has(name) || !existsSync(file)) return;
  packages.add(name);
  const { dependencies = {} } = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: Record<string, string> };
  for (const dependency of Object.keys(dependencies)) await addPackage(root, dependency, packages);
}

const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
