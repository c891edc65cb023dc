import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../platform/fetch/cache.ts';
import { UserError } from '../../platform/config/user-error.ts';

const run = promisify(execFile);

/** `pip install` with these arguments. */
export type Pip = (...args: string[]) => Promise<unknown>;

/**
 * A Python environment of its own in the cache, made when it is not there.
 *
 * @param name folder below the cache; another content needs another name
 * @param install told the path of the environment's `python` too
 * @returns the folder of its programs
 * @throws UserError where there is no Python, or packages cannot be had
 */
export async function pythonVenv(
  name: string,
  install: (pip: Pip, python: string) => Promise<unknown>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  const programs = join(folder, 'bin');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return programs;
  try {
    // At its final place: an environment cannot be moved.
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    const python = join(programs, 'python');
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-cache-dir'];
    await install((...args) => run(python, ['-m', 'pip', 'install', ...quiet, ...args]), python);
    await writeFile(complete, '');
  } catch (error) {
    throw new UserError(`The Python side could not be installed: ${(error as Error).message}`);
  }
  return programs;
}
