import { forWant, missing, type Need, NEEDS } from './needs.ts';

/** What is read of Jest's results. */
interface Results {
  testResults: { testResults: { fullName: string; status: string }[] }[];
}

/** The last lines of `npm test`: which tests were skipped for want of what, and how that is put right. */
export default class MissingReporter {
  onRunComplete(_contexts: unknown, { testResults }: Results): void {
    for (const [need, reason] of Object.entries(missing()) as [Need, string][]) {
      const counts = testResults.map(
        (suite) =>
          suite.testResults.filter(({ fullName, status }) => status === 'pending' && fullName.includes(forWant(need)))
            .length,
      );
      const tests = counts.reduce((sum, count) => sum + count, 0);
      if (tests === 0) continue;
      const suites = counts.filter((count) => count > 0).length;
      process.stderr.write(`Skipped without ${NEEDS[need]}: ${tests} tests in ${suites} suites. ${reason}\n`);
    }
  }
}
