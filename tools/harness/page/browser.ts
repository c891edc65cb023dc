import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Names under which Debian, Ubuntu and Google install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The machine's own Chromium, or null: nothing is downloaded. */
export function findChromium(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync) ?? null;
}

/** @throws where there is none */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('There is no Chromium on PATH (Debian: apt-get install chromium).');
  // As root, as in most containers, it does not start with its sandbox.
  return await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}
