import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A complete pipeline with random weights and what diffusers computed with it; its README tells more. */
export const MOCHI_FIXTURE = fileURLToPath(new URL('../../../../test/fixtures/mochi-tiny-random', import.meta.url));

export async function readFixtureJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(MOCHI_FIXTURE, name), 'utf8')) as T;
}

/** Calls `use` with a copy of the fixture (or of one of its folders) that it may change; the copy is removed afterwards. */
export async function withFixtureCopy<T>(use: (dir: string) => Promise<T>, folder = ''): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'mochi-fixture-'));
  try {
    await cp(join(MOCHI_FIXTURE, folder), dir, { recursive: true });
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
