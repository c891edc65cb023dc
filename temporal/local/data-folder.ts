import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../process-alive.ts';
import { UserError } from '../user-error.ts';

/** Logs larger than this are put aside, once, when the service starts. */
const LOG_BYTES = 10_000_000;
/** In which a copy that has made its lock also writes its process id into it. */
const WRITTEN_WITHIN_MS = 1_000;

export interface DataFolder {
  database: string;
  scratch: string;
  artefacts: string;
  temporary: string;
  /** Log file of one process. */
  log(name: string): string;
  /** Gives the folder free for another copy of the service. */
  release(): Promise<void>;
}

/**
 * Makes the folder of a service and holds it: two services on one database would destroy it.
 *
 * @throws UserError where another living process holds it.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const folders = { scratch: join(path, 'scratch'), artefacts: join(path, 'artefacts'), temporary: join(path, 'tmp') };
  const logs = join(path, 'logs');
  await Promise.all([...Object.values(folders), logs].map((folder) => mkdir(folder, { recursive: true })));
  const lock = join(path, 'lock');
  await takeLock(lock, path);
  const log = (name: string) => join(logs, `${name}.log`);
  await Promise.all(['temporal', 'api', 'cpu-worker', 'gpu-worker'].map((name) => rotate(log(name))));
  return { database: join(path, 'temporal.db'), ...folders, log, release: () => rm(lock, { force: true }) };
}

async function takeLock(lock: string, folder: string): Promise<void> {
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const read = () => readFile(lock, 'utf8').catch(() => '0');
    const holder = Number((await read()) || (await sleep(WRITTEN_WITHIN_MS).then(read)));
    if (holder > 0 && isAlive(holder)) {
      throw new UserError(
        `${folder} is in use by another copy of the service (process ${holder}). Stop that, or set DATA_DIR to another folder.`,
      );
    }
    await rm(lock, { force: true });
  }
}

async function rotate(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES) await rename(log, `${log}.old`);
}
