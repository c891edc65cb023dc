import { describe, it } from 'vitest';
import { forWant, missing, type Need } from './needs.ts';

/** Whether this machine has it, or `npm test` could fetch or build it. */
export const has = (need: Need) => missing()[need] === undefined;

/** `describe` for tests that need it. */
export const describeWith = (need: Need) => (name: string, tests: () => void) =>
  has(need) ? describe(name, tests) : describe.skip(`${name} ${forWant(need)}`, tests);

/** `it` for a test that needs it. */
export const itWith = (need: Need) => (name: string, test: () => Promise<void>, timeoutMs?: number) =>
  has(need) ? it(name, test, timeoutMs) : it.skip(`${name} ${forWant(need)}`, test);
