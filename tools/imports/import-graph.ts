import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'oxc-parser';

/** A file and another one that it imports, also if only for a type; paths from the root, with `/`. */
export interface Import {
  from: string;
  to: string;
}

const SOURCE = /(?<!\.d)\.tsx?$/;

/** All imports of a project's own files by one another. */
export async function importsOf(root: string, rooms: readonly string[]): Promise<Import[]> {
  const files = (await Promise.all(rooms.map((room) => sourcesBelow(root, room)))).flat();
  const imports = files.map(async (from) => {
    const targets = relativeImports(from, await readFile(join(root, from), 'utf8'));
    return targets.map((target) => ({ from, to: normalize(join(dirname(from), target)) }));
  });
  return (await Promise.all(imports)).flat();
}

async function sourcesBelow(root: string, room: string): Promise<string[]> {
  const names = await readdir(join(root, room), { recursive: true }).catch(() => []);
  return names
    .filter((name) => SOURCE.test(name))
    .map((name) => join(room, name))
    .toSorted();
}

function relativeImports(file: string, source: string): string[] {
  return importedNames(file, source).filter((name) => name.startsWith('.'));
}

/** Everything that a module imports, as it names it. */
export function importedNames(file: string, source: string): string[] {
  const { module } = parseSync(file, source);
  return [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => source.slice(start + 1, end - 1)),
  ];
}
