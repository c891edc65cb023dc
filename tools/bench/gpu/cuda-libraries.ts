import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cudaProviderFolder } from '../../cuda/provider.ts';
import { cacheFolder, makeFile } from '../../../platform/fetch/cache.ts';
import { UserError } from '../../../platform/config/user-error.ts';

/** CUDA 13 and cuDNN 9 as PyPI has them, and what of theirs the provider opens. */
const PACKAGES = [
  'nvidia-cuda-runtime==13.2.86',
  'nvidia-cuda-nvrtc==13.2.86',
  'nvidia-cublas==13.4.1.3',
  'nvidia-curand==10.4.5.25',
  'nvidia-cudnn-cu13==9.26.0.51',
];
const NEEDED = ['libcudart.so.13', 'libcublas.so.13', 'libcublasLt.so.13', 'libcurand.so.10', 'libcudnn.so.9'];
const run = promisify(execFile);

/**
 * Makes processes that are started from now on find ONNX Runtime's CUDA provider and CUDA's libraries: the system's where
 * it has them all, else those in the cache.
 *
 * @param download whether to fetch what is not there: 250 MB and 1.5 GB, from PyPI
 * @throws UserError saying how to get it
 */
export async function provideCuda(download: boolean): Promise<void> {
  const folders = [await cudaProviderFolder(download)];
  if (!(await systemHasAll())) folders.push(...(await cachedLibraries(download)));
  const before = process.env['LD_LIBRARY_PATH'];
  process.env['LD_LIBRARY_PATH'] = [...folders, ...(before ? [before] : [])].join(delimiter);
}

async function systemHasAll(): Promise<boolean> {
  const { stdout } = await run('ldconfig', ['-p']).catch(() => ({ stdout: '' }));
  const named = (process.env['LD_LIBRARY_PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const listed = await Promise.all(named.map((folder) => readdir(folder).catch(() => [])));
  return NEEDED.every((name) => stdout.includes(name) || listed.flat().includes(name));
}

async function cachedLibraries(download: boolean): Promise<string[]> {
  const folder = join(cacheFolder(), 'bench', 'cuda-13');
  if (
    !(await access(folder).then(
      () => true,
      () => false,
    ))
  ) {
    if (!download) {
      throw new UserError(`CUDA 13 and cuDNN 9 are not installed. Add --download to fetch them (1.5 GB, from PyPI).`);
    }
    await makeFile(folder, async (temporary) => {
      await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', temporary, ...PACKAGES]);
    });
  }
  const packages = await readdir(join(folder, 'nvidia'));
  return packages.map((name) => join(folder, 'nvidia', name, 'lib'));
}
