/**
 * Two sets of suites, and every suite is in one of them: `npm test` runs the first, `npm run test:slow` those below.
 * Slow is what waits for real deadlines, drives a browser, kills a whole service again and again, or attacks it.
 * Longest first, so that none of them is left over at the end. None begins after `TESTS_BEGIN_UNTIL` (Unix seconds), where that is set.
 */
export const SLOW = [
  'gpu-worker/generate/handover',
  'api/web/page',
  'api/load',
  'activities/worker',
  'local/start',
  'api/web/page-updates',
  'api/queue/queue',
  'temporal/removal',
  'api/queue/fairness',
  'api/web/page-gallery',
  'api/web/page-player',
  'api/web/page-compare',
  'api/web/page-finding',
  'gpu-worker/generate/not-finite',
  'api/admission/limits',
  'api/videos/group-races',
  'api/web/page-far-down',
  'api/server',
  'activities/webhooks',
  'temporal/metrics',
  'temporal/encryption/encryption',
  'api/workers/workers',
  'api/metrics/metrics',
  'local/local',
  'docs/operating',
  'docs/commands',
  'tools/bench/command',
  'api/videos/shared-answers',
  'docs/readme-examples',
  'api/videos/expiry',
  'api/web/page-form',
  'activities/webhook-worker',
  'storage/until-usable',
  'temporal/dev-server/dev-server',
  'gpu-worker/models/pull',
  'tools/bench/gpu',
  'api/policy/policy',
  'gpu-worker/inference/devices',
  'activities/run-activity',
  'api/admission/create-limiter',
  'api/clients',
  'temporal/tls',
  'api/web/page-themes',
  'api/web/page-share',
  'api/web/page-enhance',
  'local/setup',
  'api/fuzz',
  // Short forms of what `npm run check:nightly` does at length: the first to be left out where time is short.
  'tools/hostile',
  'tools/rollout',
  'tools/chaos',
  'tools/canary',
];

const files = SLOW.map((name) => `<rootDir>/${name}.test.js`);
const suites = {
  rootDir: 'dist/test',
  testEnvironment: 'node',
  transform: {},
  globalSetup: '<rootDir>/support/needs/prepare.js',
};

export default {
  projects: [
    { ...suites, displayName: 'contract', testPathIgnorePatterns: files },
    {
      ...suites,
      displayName: 'slow',
      testMatch: files,
      testEnvironment: '<rootDir>/support/needs/timed-environment.js',
    },
  ],
  reporters: ['default', '<rootDir>/dist/test/support/needs/missing-reporter.js'],
  testSequencer: '<rootDir>/dist/test/support/longest-first.js',
  // What hangs fails in the end; a busy machine takes its time.
  testTimeout: 600_000,
  // More than there are cores, since suites wait for other processes: two idle cores are 77 % busy with two, 94 % with four.
  maxWorkers: 4,
};
