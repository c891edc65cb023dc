import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/**
 * Chromium's names on Debian, Ubuntu and with Google's packages. Those without windows come first: a tab costs them a third of
 * the CPU time.
 */
const NAMES = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
];

/** The machine's own Chromium, or null; nothing is downloaded. */
export function findChromium(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync) ?? null;
}

/** @throws if there is none */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null)
    throw new Error('There is no Chromium on PATH (Debian: apt-get install chromium-headless-shell).');
  // Its sandbox does not start as root, the user of most containers.
  return await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}
