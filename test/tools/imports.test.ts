import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Command } from '../support/command.ts';

let project: string;
afterEach(() => rm(project, { recursive: true, force: true }));

/** What is said of a project of these files, and the exit code. */
async function check(files: Record<string, string>): Promise<{ code: number | null; said: string }> {
  project = await mkdtemp(join(tmpdir(), 'kinora-imports-'));
  for (const [path, source] of Object.entries(files)) {
    await mkdir(join(project, dirname(path)), { recursive: true });
    await writeFile(join(project, path), source);
  }
  const command = new Command('tools/imports/command.js', [project], {});
  const code = await command.ended();
  return { code, said: command.output };
}

it('an import that follows the arrows is let be', async () => {
  expect(
    await check({
      'api/videos/list.ts': "import { row } from '../../contract/row.ts';",
      'contract/row.ts': "import { z } from 'zod';",
    }),
  ).toEqual({ code: 0, said: '1 imports, 0 against the rules.\n' });
});

it.each([
  ['a static one', "import { api } from '../api/server.ts';"],
  ['one for a type', "import type { Api } from '../api/server.ts';"],
  ['a dynamic one', "export const api = () => import('../api/server.ts');"],
  ['one that is passed on', "export { api } from '../api/server.ts';"],
])('an import against the arrows is found: %s', async (_what, source) => {
  const { code, said } = await check({ 'storage/store.ts': source, 'api/server.ts': '' });
  expect(code).toBe(1);
  expect(said).toContain('storage/store.ts imports api/server.ts: storage/ may import contract, platform\n');
});

it('folders that import one another in a circle are found, however long it is', async () => {
  const { code, said } = await check({
    'api/a/one.ts': "import type { Two } from '../b/two.ts';",
    'api/b/two.ts': "import type { Three } from '../c/three.ts';",
    'api/c/three.ts': "import type { Four } from '../a/four.ts';",
    'api/a/four.ts': '',
  });
  expect(code).toBe(1);
  expect(said).toContain('api/a -> api/b -> api/c -> api/a (api/a/one.ts imports api/b/two.ts; ');
});

it('a folder that no rule knows is no way around them', async () => {
  expect((await check({ 'tools/x.ts': "import '../unknown/y.ts';" })).code).toBe(1);
});
