import { randomUUID } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import {
  type FileHandle,
  constants,
  copyFile,
  link,
  open,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, addAbortSignal } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { isDiskFull, makeFolder } from '../platform/files/folder.ts';
import { contentTypeOf } from './content-type.ts';
import { assertKey, assertPrefix } from './keys.ts';
import {
  type ByteRange,
  ObjectNotFoundError,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  StoreUnavailableError,
  type RefusedPermissions,
} from './object-store.ts';
import { TemporaryFiles } from './temporary-files.ts';

/**
 * A folder as a store: a key is the file's path below it. Objects are whole files that are never changed in place: a
 * write fills a temporary file on the same file system, syncs it to disk and renames it. Several processes, also on
 * several machines that share the folder, may use it at once. The content type follows from the key's extension.
 */
export class LocalStore implements ObjectStore {
  readonly url: string;
  readonly #root: string;
  readonly #temporary: TemporaryFiles;

  /** @param root absolute path; made when first needed. */
  constructor(root: string) {
    this.#root = root;
    this.url = pathToFileURL(root).href;
    this.#temporary = new TemporaryFiles(join(root, '.tmp'));
  }

  async put(key: string, body: Uint8Array | Readable, { signal }: PutOptions = {}): Promise<ObjectInfo> {
    const path = this.#path(key);
    // Its errors are thrown by what reads it; before that, and after, none of them may end the process.
    if (body instanceof Readable) body.on('error', () => {});
    const temporary = await this.#temporary.create();
    try {
      if (signal && body instanceof Readable) addAbortSignal(signal, body);
      await writeFile(temporary.handle, body);
      // The kernel's own stamp moves in steps of milliseconds; the ETag needs one that differs for every write.
      const now = (performance.timeOrigin + performance.now()) / 1000;
      await temporary.handle.utimes(now, now);
      await temporary.handle.sync();
      signal?.throwIfAborted();
      const info = infoOf(key, await temporary.handle.stat({ bigint: true }));
      await this.#publish(temporary.path, path);
      return info;
    } finally {
      await temporary.discard();
    }
  }

  putFile(key: string, path: string, options?: PutOptions): Promise<ObjectInfo> {
    return this.put(key, createReadStream(path), options);
  }

  async head(key: string): Promise<ObjectInfo | null> {
    try {
      const found = await stat(this.#path(key), { bigint: true });
      return found.isFile() ? infoOf(key, found) : null;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async get(key: string, range?: ByteRange): Promise<{ info: ObjectInfo; body: Readable }> {
    const file = await this.#open(key);
    try {
      const info = infoOf(key, await file.stat({ bigint: true }));
      if (range && (range.start >= info.bytes || range.end < range.start)) {
        throw new RangeError(`Bytes ${range.start}-${range.end} lie outside of ${key}, which has ${info.bytes}`);
      }
      return { info, body: file.createReadStream(range) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Links the object where the file systems allow it: do not write into the file. */
  async getToFile(key: string, path: string, signal?: AbortSignal): Promise<ObjectInfo> {
    signal?.throwIfAborted();
    const file = await this.#open(key);
    const temporary = `${path}.${randomUUID()}`;
    try {
      const info = infoOf(key, await file.stat({ bigint: true }));
      const source = this.#path(key);
      await link(source, temporary).catch(() => copyFile(source, temporary, constants.COPYFILE_FICLONE));
      signal?.throwIfAborted();
      await rename(temporary, path);
      return info;
    } finally {
      await file.close();
      // Also after success: renaming one link of a file to another does nothing.
      await rm(temporary, { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true }).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }

  async deletePrefix(prefix: string): Promise<void> {
    assertPrefix(prefix);
    if (prefix === '') throw new TypeError('Refusing to delete a whole store');
    await rm(join(this.#root, prefix), { recursive: true, force: true, maxRetries: 3 });
  }

  list(prefix: string): AsyncIterable<ObjectInfo> {
    assertPrefix(prefix);
    return this.#list(prefix);
  }

  async check(): Promise<void> {
    try {
      await this.#temporary.sweep();
      const probe = await this.#temporary.create();
      try {
        await probe.handle.write('x');
      } finally {
        await probe.discard();
      }
    } catch (error) {
      const message = `The folder of ${this.url} cannot be written: ${(error as Error).message}`;
      throw isDiskFull(error)
        ? new StoreUnavailableError(message, { cause: error })
        : new Error(message, { cause: error });
    }
  }

  /** {@link check} has tried it. */
  async refused(): Promise<RefusedPermissions> {
    return { needed: [], optional: [] };
  }

  async close(): Promise<void> {}

  async *#list(prefix: string): AsyncGenerator<ObjectInfo> {
    // A folder that cannot be made is no empty store.
    await makeFolder(this.#root);
    yield* walk(this.#root, prefix);
  }

  #path(key: string): string {
    assertKey(key);
    return join(this.#root, key);
  }

  async #open(key: string): Promise<FileHandle> {
    const path = this.#path(key);
    try {
      const file = await open(path, 'r');
      if ((await file.stat()).isFile()) return file;
      await file.close();
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    throw new ObjectNotFoundError(`No object ${key} in ${this.url}`);
  }

  async #publish(temporary: string, path: string): Promise<void> {
    const folder = join(path, '..');
    for (let attempt = 1; ; attempt++) {
      try {
        await makeFolder(folder);
        await rename(temporary, path);
        break;
      } catch (error) {
        // A `deletePrefix` may take the folder away between the two.
        if (!isAbsent(error) || attempt === 5) throw error;
      }
    }
    await syncFolder(folder);
  }
}

/** In the order of whole keys, as S3 lists them: `a-b` < `a.b` < `a/b` < `a0`. */
async function* walk(root: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const names = entries
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .toSorted((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    const key = prefix + name;
    if (name.endsWith('/')) {
      yield* walk(root, key);
      continue;
    }
    const found = await stat(join(root, key), { bigint: true }).catch((error: unknown) => {
      if (isAbsent(error)) return null;
      throw error;
    });
    if (found) yield infoOf(key, found);
  }
}

function infoOf(key: string, found: BigIntStats): ObjectInfo {
  return {
    key,
    bytes: Number(found.size),
    etag: `"${found.size.toString(36)}-${found.mtimeNs.toString(36)}-${found.ino.toString(36)}"`,
    modifiedAt: Number(found.mtimeMs / 1000n),
    contentType: contentTypeOf(key),
  };
}

/** Makes a rename survive a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // Not every system lets a folder be synced (Windows), and it may be gone again already.
  } finally {
    await handle?.close();
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
