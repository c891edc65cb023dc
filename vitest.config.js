import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.ts';
import { SLOW } from './test/support/slow-suites.ts';
import { TEMPORAL_SUITES } from './test/support/temporal-suites.ts';

const compiled = (name) => `dist/test/${name}.test.js`;
// Of `npm run test:postgres`.
const onlyTemporal = process.env.TESTS_ONLY === 'temporal';
const quick = onlyTemporal ? TEMPORAL_SUITES : ['**/*'];
const slow = onlyTemporal ? SLOW.filter((name) => TEMPORAL_SUITES.includes(name)) : SLOW;
const suites = {
  // A process runs many suites, each of which shares the packages that are loaded: to load them anew takes longer than most tests.
  pool: 'forks',
  isolate: false,
  execArgv: ['--no-warnings'],
  // What runs is what was compiled, as it is.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  setupFiles: ['dist/test/support/client/as-described.js'],
  // What hangs fails in the end; a busy machine takes its time.
  testTimeout: 600_000,
  hookTimeout: 600_000,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: 'dist/test/support/needs/prepare.js',
    reporters: ['default', 'dist/test/support/needs/missing-reporter.js'],
    projects: [
      {
        test: {
          ...suites,
          name: 'contract',
          // More than there are cores, since suites wait for other processes: two idle cores are 77 % busy with two, 94 % with four.
          maxWorkers: 4,
          sequence: { hooks: 'list', groupOrder: 0 },
          include: quick.map(compiled),
          exclude: SLOW.map(compiled),
        },
      },
      {
        test: {
          ...suites,
          name: 'slow',
          maxWorkers: 3,
          sequence: { hooks: 'list', groupOrder: 1 },
          include: slow.map(compiled),
          exclude: [],
          runner: 'dist/test/support/needs/timed-runner.js',
        },
      },
    ],
  },
});
