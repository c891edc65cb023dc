import { access, chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assertUsableFolder } from '../platform/files/folder.ts';
import { LogFile } from '../platform/log/log-file.ts';
import { newKey, writeKeys } from '../temporal/encryption/new-key.ts';
import { lockFolder } from './folder-lock.ts';

/** Prompts and videos are private to this user. */
const PRIVATE = 0o700;

export interface DataFolder {
  database: string;
  scratch: string;
  artefacts: string;
  temporary: string;
  /** Log of one process; the same object for the same name. */
  log(name: string): LogFile;
  /** Ends the logs, and gives the folder free for another copy of the service. */
  release(): Promise<void>;
}

/**
 * Makes the folder of a service and holds it: two services on one database would destroy it.
 *
 * @param tell is told what people should know, e.g. that a log cannot be written
 * @throws ConfigError where it cannot be used; UserError where another living process holds it.
 */
export async function openDataFolder(path: string, tell: (line: string) => void): Promise<DataFolder> {
  await assertUsableFolder('DATA_DIR', path, PRIVATE);
  const lock = await lockFolder(path, tell);
  try {
    await keepPrivate(path);
    const folders = {
      scratch: join(path, 'scratch'),
      artefacts: join(path, 'artefacts'),
      temporary: join(path, 'tmp'),
    };
    for (const folder of [...Object.values(folders), join(path, 'logs')]) {
      await assertUsableFolder('DATA_DIR', folder, PRIVATE);
    }
    const logs = new Map<string, LogFile>();
    return {
      database: join(path, 'temporal.db'),
      ...folders,
      log: (name) => {
        const log = logs.get(name) ?? new LogFile(join(path, 'logs', `${name}.log`), tell);
        logs.set(name, log);
        return log;
      },
      release: async () => {
        await Promise.all([...logs.values()].map((log) => log.close()));
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Closes a folder of ours to others, one of an older version too; not one that is there for other things as well. */
async function keepPrivate(path: string): Promise<void> {
  const names = await readdir(path);
  const ours = names.includes('temporal.db') || names.every((name) => name === 'lock');
  const { uid, mode } = await stat(path);
  if (ours && uid === process.getuid?.() && (mode & 0o077) !== 0) await chmod(path, PRIVATE);
}

/**
 * A file of keys of a data folder: those with which the GPU worker signs what it leaves in the scratch store, or the API its share
 * links. It is made where there is none.
 *
 * @returns its path, for `SCRATCH_KEYS_FILE` or `SHARE_KEYS_FILE`
 */
export async function keysFile(dataDir: string, of: 'scratch' | 'share'): Promise<string> {
  const path = join(dataDir, `${of}-keys.json`);
  await access(path).catch(() => writeKeys(path, [newKey()]));
  return path;
}
