import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SLOW } from './slow-suites.ts';

const ROOT = new URL('../../../', import.meta.url);

it('what is said to be slow is there: a suite that was moved would make everybody wait', () => {
  const gone = SLOW.filter((name) => !existsSync(fileURLToPath(new URL(`test/${name}.test.ts`, ROOT))));
  expect(gone).toEqual([]);
  expect(new Set(SLOW).size).toBe(SLOW.length);
});

it('CI runs both sets of suites', async () => {
  const ci = await readFile(new URL('.ci/run', ROOT), 'utf8');
  expect(ci).toMatch(/^tests test\ntests test:slow$/m);
});
