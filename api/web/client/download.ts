import { session } from './session.ts';
import type { Video } from './types.ts';
import { contentPath, fetchFile, fileAddress } from './videos.ts';

/** Saves a finished video as a file, with its seed in the name. @throws as `request` */
export async function downloadVideo({ id, seed }: Video): Promise<void> {
  const path = contentPath(id, 'video');
  const name = `${id}-seed-${seed}.mp4`;
  if (session.get().apiKey === null) saveAddress(fileAddress(path), name);
  else saveBlob(await fetchFile(path), name);
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
