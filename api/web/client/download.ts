import { session } from './session.ts';
import type { Video } from './types.ts';
import { contentPath, fetchFile, fileAddress } from './videos.ts';

/** Saves a finished video as a file, with its seed in the name. @throws as `request` */
export async function downloadVideo({ id, seed }: Video): Promise<void> {
  const path = contentPath(id, 'video');
  const link = document.createElement('a');
  link.download = `${id}-seed-${seed}.mp4`;
  if (session.get().apiKey === null) {
    link.href = fileAddress(path);
    link.click();
    return;
  }
  const address = URL.createObjectURL(await fetchFile(path));
  link.href = address;
  link.click();
  // By then the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
