import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, makeFile } from '../../../platform/fetch/cache.ts';

const run = promisify(execFile);

/** OpenAI's client for Python, as the tests use it. */
const PACKAGE = 'openai==3.52.0';

/** Runs Python code with OpenAI's client at hand, in a folder; says what it printed. */
export type Python = (code: string, env?: Record<string, string>, cwd?: string) => Promise<string>;

/** Python with OpenAI's client, which is fetched into the cache once; null where either cannot be had. */
export async function findPython(): Promise<Python | null> {
  const folder = join(cacheFolder(), PACKAGE.replace('==', '-python-'));
  try {
    if (!existsSync(folder)) {
      await makeFile(folder, async (temporary) => {
        const args = ['--quiet', '--disable-pip-version-check', '--target', temporary, PACKAGE];
        await run('python3', ['-m', 'pip', 'install', ...args], { timeout: 180_000 });
      });
    }
    await run('python3', ['-c', 'import openai'], { env: { ...process.env, PYTHONPATH: folder } });
  } catch {
    return null;
  }
  return async (code, env = {}, cwd = process.cwd()) => {
    const { stdout } = await run('python3', ['-c', code], {
      env: { ...process.env, PYTHONPATH: folder, ...env },
      timeout: 100_000,
      cwd,
    });
    return stdout;
  };
}
