import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { importsOf } from '../../tools/imports/import-graph.ts';
import { SLOW } from './slow-suites.ts';
import { TEMPORAL_SUITES } from './temporal-suites.ts';

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

it('what faces Temporal runs on a production server too, every night', async () => {
  const rooms = ['contract', 'platform', 'media', 'storage', 'temporal', 'activities', 'gpu-worker', 'local', 'tools'];
  const arrows = new Map<string, string[]>();
  for (const { from, to } of await importsOf(fileURLToPath(ROOT), [...rooms, 'api', 'test'])) {
    arrows.set(from, [...(arrows.get(from) ?? []), to]);
  }
  const reaches = (file: string, seen = new Set<string>()): boolean => {
    if (file === 'temporal/dev-server/dev-server.ts') return true;
    if (seen.has(file)) return false;
    seen.add(file);
    return (arrows.get(file) ?? []).some((to) => reaches(to, seen));
  };
  const facing = [...arrows.keys()]
    .filter(
      (file) => /^test\/(workflows|activities|api|gpu-worker|temporal)\/.*\.test\.ts$/.test(file) && reaches(file),
    )
    .map((file) => file.slice('test/'.length, -'.test.ts'.length));
  expect(facing.length).toBeGreaterThan(40);
  const others = /^api\/(web\/|clients$|fuzz$|http\/compression$|load$)/;
  expect(facing.filter((name) => !others.test(name) && !TEMPORAL_SUITES.includes(name))).toEqual([]);
  const gone = TEMPORAL_SUITES.filter((name) => !existsSync(fileURLToPath(new URL(`test/${name}.test.ts`, ROOT))));
  expect(gone).toEqual([]);
});
