import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** Makes a cgroup in every hierarchy of this machine: one with version 2, several with version 1. */
export async function makeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    await mkdir(join(hierarchy, name));
    // A new set of version 1 is empty, and nothing could be put into it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const all = await readFile(join(hierarchy, file), 'utf8').catch(() => null);
      if (all !== null) await writeFile(join(hierarchy, name, file), all);
    }
  }
}

/** Removes them again, once no process is left in them; what cannot be removed costs nothing. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, name));
}

async function hierarchies(): Promise<string[]> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  if (entries.some(({ name }) => name === 'cgroup.controllers')) return [ROOT];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(ROOT, name));
}

async function removeTree(path: string): Promise<void> {
  const children = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const child of children) if (child.isDirectory()) await removeTree(join(path, child.name));
  await rmdir(path).catch(() => {});
}
