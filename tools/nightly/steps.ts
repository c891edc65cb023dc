import type { Step } from './step.ts';

const npm = (script: string, ...args: string[]) => [
  'npm',
  'run',
  '--silent',
  script,
  ...(args.length > 0 ? ['--', ...args] : []),
];

/**
 * All that is too long for every change, the short ones first, so that much is known early.
 *
 * @param seed of the chaos
 */
export const nightlySteps = (seed: number): Step[] => [
  { name: 'parity', command: npm('parity', 'test/fixtures/mochi-tiny-random'), budgetMinutes: 5 },
  { name: 'check:k8s', command: npm('check:k8s'), budgetMinutes: 20 },
  { name: 'check:images', command: npm('check:images'), budgetMinutes: 40 },
  { name: 'check:cluster', command: npm('check:cluster'), budgetMinutes: 60 },
  { name: 'check:cuda', command: npm('check:cuda', '--download'), budgetMinutes: 15 },
  { name: 'check:schemathesis', command: npm('check:schemathesis'), budgetMinutes: 20 },
  { name: 'check:aiperf', command: npm('check:aiperf'), budgetMinutes: 15 },
  { name: 'check:hostile', command: npm('check:hostile'), budgetMinutes: 25 },
  { name: 'chaos', command: npm('chaos', '--minutes', '20', '--seed', String(seed)), budgetMinutes: 35 },
  { name: 'test:postgres', command: npm('test:postgres'), budgetMinutes: 60 },
  { name: 'soak', command: npm('soak'), budgetMinutes: 45 },
  { name: 'bench', command: npm('bench'), budgetMinutes: 40 },
];
