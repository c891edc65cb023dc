/**
 * What some tests need beside the project's packages. Where it cannot be had they are skipped and counted, and the last lines
 * say why: `prepare.ts` sees to it before the first of them, `describeWith` and `itWith` skip, `missing-reporter.ts` tells.
 */
export const NEEDS = {
  s3: 'the S3 server of the tests',
  promtool: 'promtool',
  kubectl: 'kubectl',
  python: "OpenAI's client for Python",
  chromium: 'Chromium',
  curl: 'curl',
  openssl: 'openssl',
} as const;
export type Need = keyof typeof NEEDS;

/** The reason and the remedy, by what could not be had. */
export type Missing = Partial<Record<Need, string>>;

/** Reaches the processes that run the tests. */
const VARIABLE = 'KINORA_TESTS_WITHOUT';

/** What could not be had on this machine. */
export const missing = () => JSON.parse(process.env[VARIABLE] ?? '{}') as Missing;

export function setMissing(needs: Missing): void {
  process.env[VARIABLE] = JSON.stringify(needs);
}

/** What the name of a test says that is skipped. */
export const forWant = (need: Need) => `(skipped without ${NEEDS[need]})`;
