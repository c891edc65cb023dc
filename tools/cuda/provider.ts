import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../platform/fetch/cache.ts';
import { exists } from '../../platform/files/folder.ts';
import { UserError } from '../../platform/config/user-error.ts';

const PINNED = fileURLToPath(new URL('../../../k8s/images/cuda-provider.txt', import.meta.url));
export const CUDA_PROVIDER = 'libonnxruntime_providers_cuda.so';
/** What loads it. */
export const PROVIDER_BRIDGE = 'libonnxruntime_providers_shared.so';
const RUNTIME = 'libonnxruntime.so.1';
const run = promisify(execFile);

/**
 * A folder that holds ONNX Runtime with its CUDA provider: the npm package's own where the provider was laid into it (as
 * in the image), else one in the cache. Put into `LD_LIBRARY_PATH`, its `libonnxruntime.so.1` is the one that is loaded,
 * and finds the provider beside itself.
 *
 * @param download whether to fetch the provider where it is not there: 250 MB, by pip, with the hash that the image has
 * @throws UserError saying how to get it
 */
export async function cudaProviderFolder(download: boolean): Promise<string> {
  const own = await runtimeFolder();
  if (await exists(join(own, CUDA_PROVIDER))) return own;
  const version = /^onnxruntime-gpu==(\S+)/.exec(await readFile(PINNED, 'utf8'))![1]!;
  const folder = join(cacheFolder(), 'cuda-provider', version);
  if (await exists(join(folder, CUDA_PROVIDER))) return folder;
  if (!download) {
    throw new UserError(
      `ONNX Runtime's CUDA provider is neither in ${own} nor in ${folder}.\nAdd --download to fetch it (250 MB, from PyPI; needs Python with pip).`,
    );
  }
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    await fetchProvider(temporary);
    await copyFile(join(own, RUNTIME), join(temporary, RUNTIME));
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** Where the npm package has ONNX Runtime. */
async function runtimeFolder(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(main), '../bin/napi-v6', process.platform, process.arch);
  if (!(await exists(join(folder, RUNTIME)))) {
    throw new UserError(`There is no CUDA provider for ${process.platform} on ${process.arch}.`);
  }
  return folder;
}

async function fetchProvider(folder: string): Promise<void> {
  const python = (...args: string[]) => run('python3', ['-m', ...args], { cwd: folder, maxBuffer: 1e8 });
  try {
    const target = ['--platform', 'manylinux_2_28_x86_64', '--python-version', '3.12', '--only-binary=:all:'];
    await python('pip', 'download', '--no-deps', '--require-hashes', ...target, '--dest', 'wheel', '-r', PINNED);
    const [wheel] = await readdir(join(folder, 'wheel'));
    await python('zipfile', '-e', join('wheel', wheel!), 'unpacked');
  } catch (error) {
    throw new UserError(`The CUDA provider could not be fetched: ${(error as Error).message}`);
  }
  for (const name of [CUDA_PROVIDER, PROVIDER_BRIDGE]) {
    await rename(join(folder, 'unpacked/onnxruntime/capi', name), join(folder, name));
  }
  for (const name of ['wheel', 'unpacked']) await rm(join(folder, name), { recursive: true });
}
