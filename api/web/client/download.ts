import { ApiError } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { pause } from './pause.ts';
import { request } from './request.ts';
import { session } from './session.ts';
import type { Export, Video } from './types.ts';
import { archivePath, contentPath, fetchFile, fileAddress, MAX_IN_ARCHIVE } from './videos.ts';

/** Saves a finished video as a file, with its seed in the name. @throws as `request` */
export async function downloadVideo({ id, seed }: Video): Promise<void> {
  await save(contentPath(id, 'video'), `${id}-seed-${seed}.mp4`);
}

const EXTENSIONS: Record<Export, string> = { webm: 'webm', gif: 'gif', frames: 'zip' };
/** Between two looks at an export that is being made, in ms. */
const LOOK_MS = 1_000;
const NEVER = new AbortController().signal;

/** Saves a finished video in another form, once that is made. @throws as `request` */
export async function downloadExport({ id, seed }: Video, variant: Export): Promise<void> {
  const path = contentPath(id, variant);
  for (const backoff = new Backoff(LOOK_MS); ;) {
    try {
      await request(path, { method: 'HEAD' });
      break;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      await pause(backoff.next(error), NEVER);
    }
  }
  await save(path, `${id}-seed-${seed}.${EXTENSIONS[variant]}`);
}

async function save(path: string, name: string): Promise<void> {
  if (session.get().apiKey === null) saveAddress(fileAddress(path), name);
  else saveBlob(await fetchFile(path), name);
}

/** Saves finished videos as ZIPs, one after the other, of as many as the API puts into one. @throws as `request` */
export async function downloadArchives(videos: Video[]): Promise<void> {
  for (let at = 0; at < videos.length; at += MAX_IN_ARCHIVE) {
    const ids = videos.slice(at, at + MAX_IN_ARCHIVE).map(({ id }) => id);
    await save(archivePath(ids), at === 0 ? 'videos.zip' : `videos-${1 + at / MAX_IN_ARCHIVE}.zip`);
  }
}

/** Saves bytes as a file. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  saveAddress(address, name);
  // By then the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function saveAddress(address: string, name: string): void {
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
}
