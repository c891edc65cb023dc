import { type Reporter, type TestModule } from 'vitest/node';
import { forWant, missing, type Need, NEEDS } from './needs.ts';

/** The part of Vitest's results that is read. */
type Suite = Pick<TestModule, 'relativeModuleId' | 'meta'> & {
  children: { allTests(state: 'skipped'): Iterable<{ fullName: string }> };
};

const say = (line: string) => process.stderr.write(`${line}\n`);

/** The last lines of `npm test`: which tests were skipped for want of what, and how that is put right; which for want of time. */
export default class MissingReporter implements Reporter {
  onTestRunEnd(suites: readonly Suite[]): void {
    for (const [need, reason] of Object.entries(missing()) as [Need, string][]) {
      const counts = suites.map(
        ({ children }) =>
          [...children.allTests('skipped')].filter(({ fullName }) => fullName.includes(forWant(need))).length,
      );
      const tests = counts.reduce((sum, count) => sum + count, 0);
      if (tests === 0) continue;
      const among = counts.filter((count) => count > 0).length;
      say(`Skipped without ${NEEDS[need]}: ${tests} tests in ${among} suites. ${reason}`);
    }
    for (const suite of suites)
      if (suite.meta().leftOut) say(`Left out, as the time was over: ${suite.relativeModuleId}`);
  }
}
