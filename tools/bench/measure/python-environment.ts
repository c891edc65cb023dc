import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonVenv } from '../../harness/python-venv.ts';

/** Folder of the Python programs. */
export const PYTHON_FOLDER = fileURLToPath(new URL('../../../../tools/bench/python', import.meta.url));
const REQUIREMENTS = [
  join(PYTHON_FOLDER, 'requirements.txt'),
  fileURLToPath(new URL('../../../../tools/training/requirements.txt', import.meta.url)),
];
/** Has PyTorch without CUDA, a tenth of the size; PyPI's does the same on a CPU. */
const CPU_INDEX = 'https://download.pytorch.org/whl/cpu';
const run = promisify(execFile);

/**
 * Python with diffusers and torch, in an environment of its own in the cache, made when it is not there.
 *
 * @param say told what takes long
 * @throws UserError where there is no Python, or packages cannot be had
 */
export async function pythonEnvironment(say: (line: string) => void): Promise<string> {
  const texts = await Promise.all(REQUIREMENTS.map((file) => readFile(file, 'utf8')));
  const name = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 12);
  const programs = await pythonVenv(join('bench', `python-${name}`), async (pip, python) => {
    say(`Installing diffusers and PyTorch for ${python}, once; without PyTorch's own index this takes 6 GB …`);
    const torch = /^torch==\S+$/m.exec(texts.join('\n'))![0];
    await pip('--retries', '0', '--timeout', '20', '--index-url', CPU_INDEX, torch).catch(() => {});
    await pip('-r', REQUIREMENTS[0]!);
    await run(python, ['-c', 'import torch, diffusers, transformers']);
  });
  return join(programs, 'python');
}
