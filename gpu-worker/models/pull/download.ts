import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../../platform/config/user-error.ts';
import { isIntact, type HubFile } from './hub-file.ts';
import { BACKOFF, type Hub, mayRecover } from './hub.ts';

/** Unfinished files, out of the way of what reads the model's folders. */
export const UNFINISHED = '.unfinished';

/** Attempts in a row that brought not one byte. */
const FRUITLESS_ATTEMPTS = 8;
/** Whole downloads of one file whose checksum was wrong. */
const CORRUPTED_ATTEMPTS = 3;
/** Without a byte for so long, a connection counts as broken. */
const STALL_MS = 60_000;

export interface Source {
  hub: Hub;
  repository: string;
  commit: string;
  /** Time without a byte after which a connection is given up. @default 60000 ms */
  stallMs?: number;
}

/** Told of bytes that arrived (or, negative, had to be thrown away), and of what went wrong and is tried again. */
export interface DownloadEvents {
  onBytes: (bytes: number) => void;
  onTrouble: (what: string) => void;
}

/** How far an earlier, unfinished download of a file came, in bytes. */
export async function unfinishedBytes(dir: string, file: HubFile): Promise<number> {
  const found = await stat(partOf(dir, file)).catch(() => undefined);
  return Math.min(found?.size ?? 0, file.size);
}

/**
 * Fetches a file into a model folder. It goes on where an earlier attempt broke off, in this process or one before, and
 * appears under its name only with the right checksum.
 *
 * @throws UserError when no attempt brings anything more, or its bytes are wrong again and again
 */
export async function download(source: Source, dir: string, file: HubFile, events: DownloadEvents): Promise<void> {
  const part = partOf(dir, file);
  await mkdir(dirname(part), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    await fetchAll(source, part, file, events);
    if (await isIntact(part, file)) break;
    await rm(part);
    events.onBytes(-file.size);
    const corrupted = `${file.path}: arrived corrupted, its checksum is not ${file.checksum.value}`;
    if (attempt === CORRUPTED_ATTEMPTS) throw new UserError(`${corrupted}; ${attempt} times in a row`);
    events.onTrouble(corrupted);
  }
  const path = join(dir, file.path);
  await mkdir(dirname(path), { recursive: true });
  await rename(part, path);
}

// Named by content: of another commit's file nothing is taken over.
function partOf(dir: string, { path, checksum }: HubFile): string {
  return join(dir, UNFINISHED, `${path.replaceAll('/', '--')}.${checksum.value.slice(0, 16)}`);
}

async function fetchAll(source: Source, part: string, file: HubFile, events: DownloadEvents): Promise<void> {
  // Not "a": with it positions are ignored, and a restart from byte 0 could not overwrite.
  const handle = await open(part, 'r+').catch(() => open(part, 'w+'));
  try {
    let { size: have } = await handle.stat();
    if (have > file.size) {
      await handle.truncate(0);
      have = 0;
    }
    for (let fruitless = 0; have < file.size;) {
      const before = have;
      try {
        have = await fetchSome(source, handle, have, file, events);
        if (have < file.size) throw new Error('the connection ended early');
      } catch (error) {
        if (error instanceof UserError) throw error;
        have = Math.min((await handle.stat()).size, file.size);
        fruitless = have > before ? 1 : fruitless + 1;
        const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
        const trouble = `${file.path}: broke off at byte ${have} of ${file.size}: ${why}`;
        if (fruitless === FRUITLESS_ATTEMPTS) {
          throw new UserError(
            `${trouble}. ${fruitless} attempts brought nothing more; the same command goes on there.`,
          );
        }
        events.onTrouble(trouble);
        // No retry of cockatiel's, which cannot begin anew when something has come.
        await sleep(Math.min(BACKOFF.maxDelay, BACKOFF.initialDelay * 2 ** (fruitless - 1)));
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One request. @returns the bytes that are there after it */
async function fetchSome(
  { hub, repository, commit, stallMs = STALL_MS }: Source,
  handle: FileHandle,
  have: number,
  { path, size }: HubFile,
  { onBytes }: DownloadEvents,
): Promise<number> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`no byte for ${stallMs / 1000} s`)), stallMs);
  try {
    const response = await hub.file(repository, commit, path, have, stalled.signal);
    if (!response.ok) {
      await response.body?.cancel();
      if (mayRecover(response.status) || response.status === 416) throw new Error(`HTTP ${response.status}`);
      const refused = response.status === 401 || response.status === 403;
      const remedy = refused ? ': set HF_TOKEN to a token that may read it' : '';
      throw new UserError(`${path}: the hub answers ${response.status}${remedy}`);
    }
    let at = have;
    if (startOf(response) !== at) {
      // A server that knows no ranges sends the whole file.
      onBytes(-at);
      await handle.truncate(0);
      at = 0;
    }
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      if (at + chunk.length > size) throw new Error(`the hub sends more than ${size} bytes`);
      await handle.write(chunk, 0, chunk.length, at).catch((error: Error) => {
        // Trying again cannot help a full or broken disk.
        throw new UserError(`${path} cannot be written: ${error.message}`);
      });
      at += chunk.length;
      onBytes(chunk.length);
    }
    return at;
  } finally {
    clearTimeout(timer);
  }
}

function startOf(response: Response): number {
  if (response.status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}
