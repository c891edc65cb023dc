import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
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
/** Folders are looked for by these; cuDNN compiles some of its kernels with the last one. */
const LOOKED_FOR = [...NEEDED, 'libnvrtc.so.13'];
/** How far below a named folder libraries are looked for: `nvidia/cudnn/lib` of Python's site-packages. */
const DEPTH = 3;
const run = promisify(execFile);

/**
 * Makes processes that are started from now on find ONNX Runtime's CUDA provider and CUDA's libraries: those of the named
 * folders before all others, else the system's where it has them all, else those in the cache.
 *
 * @param libraryPath folders that hold the libraries, or have folders that do
 * @param download whether to fetch what is not there: 250 MB and 1.5 GB, from PyPI
 * @throws UserError saying how to get it, or which folder holds none
 */
export async function provideCuda({ libraryPath, download }: { libraryPath: string[]; download: boolean }) {
  const named = (await Promise.all(libraryPath.map(libraryFolders))).flat();
  addToPath(named);
  const folders = [await cudaProviderFolder(download)];
  // Who names folders knows where the libraries are; the first step tells what is missing.
  if (named.length === 0 && !(await systemHasAll())) folders.push(...(await cachedLibraries(download)));
  addToPath(folders);
}

function addToPath(folders: string[]): void {
  const before = process.env['LD_LIBRARY_PATH'];
  process.env['LD_LIBRARY_PATH'] = [...folders, ...(before ? [before] : [])].join(delimiter);
}

/** The folder itself and those below it, as far as they hold any library that is needed. */
async function libraryFolders(folder: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (path: string, depth: number): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    if (entries.some(({ name }) => LOOKED_FOR.includes(name))) found.push(path);
    if (depth === 0) return;
    for (const entry of entries) if (entry.isDirectory()) await look(join(path, entry.name), depth - 1);
  };
  await look(resolve(folder), DEPTH);
  if (found.length > 0) return found;
  throw new UserError(`--library-path: neither ${folder} nor a folder below it holds any of ${NEEDED.join(', ')}.`);
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
      throw new UserError(
        `CUDA 13 and cuDNN 9 are not installed. Name their folder with --library-path, or add --download to fetch them (1.5 GB, from PyPI).`,
      );
    }
    await makeFile(folder, async (temporary) => {
      await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', temporary, ...PACKAGES]);
    });
  }
  const packages = await readdir(join(folder, 'nvidia'));
  return packages.map((name) => join(folder, 'nvidia', name, 'lib'));
}
