import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import MissingReporter from './missing-reporter.ts';
import { forWant, missing, setMissing } from './needs.ts';

const TESTS = fileURLToPath(new URL('../../../../test/', import.meta.url));

it('a machine without the S3 server of the tests skips what needs it, instead of failing it', async () => {
  const names = (await readdir(TESTS, { recursive: true })).filter((name) => name.endsWith('.test.ts'));
  const needing = [];
  for (const name of names) {
    const source = await readFile(join(TESTS, name), 'utf8');
    if (source.includes("/s3-server.ts'") && !["With('s3')", "has('s3')"].some((guard) => source.includes(guard)))
      needing.push(name);
  }
  expect(needing).toEqual([]);
});

it('what was skipped for want of something is counted in the last lines, with the remedy', () => {
  const before = missing();
  const said: unknown[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(text) > 0);
  try {
    setMissing({ s3: 'Go is not installed. Install Go.' });
    const skipped = { fullName: `a store ${forWant('s3')} keeps` };
    const suite = (...tests: { fullName: string }[]) => ({
      relativeModuleId: 'a suite',
      meta: () => ({}),
      children: { allTests: () => tests },
    });
    new MissingReporter().onTestRunEnd([suite(skipped, skipped, { fullName: 'another' }), suite(skipped), suite()]);
  } finally {
    write.mockRestore();
    setMissing(before);
  }
  expect(said).toEqual([
    'Skipped without the S3 server of the tests: 3 tests in 2 suites. Go is not installed. Install Go.\n',
  ]);
});
