import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A complete Mochi pipeline folder with tiny random weights, and what diffusers computes with it. */
export const RANDOM_MODEL = fileURLToPath(new URL('../../../test/fixtures/mochi-tiny-random', import.meta.url));

/** A copy of {@link RANDOM_MODEL} that a test may spoil; removed by `remove`. */
export async function copyOfRandomModel(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'kinora-model-'));
  await cp(RANDOM_MODEL, dir, { recursive: true });
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Changes a JSON file of a model folder. */
export async function editJson(file: string, edit: (value: Record<string, unknown>) => void): Promise<void> {
  const value = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  edit(value);
  await writeFile(file, JSON.stringify(value));
}
