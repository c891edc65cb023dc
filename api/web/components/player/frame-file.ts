import { saveBlob } from '../../client/download.ts';
import type { Video } from '../../client/types.ts';
import { contentPath, fetchFile } from '../../client/videos.ts';

/**
 * One frame of a finished video, as PNG. The file is fetched, as the element's own may come from a store of another origin,
 * whose pixels a page may not read.
 *
 * @throws as `request`; Error if the browser cannot decode it
 */
export async function frameOf(video: Video, frame: number): Promise<Blob> {
  const address = URL.createObjectURL(await fetchFile(contentPath(video.id, 'video')));
  try {
    const element = Object.assign(document.createElement('video'), { muted: true, preload: 'auto', src: address });
    await event(element, 'loadeddata');
    element.currentTime = (frame + 0.5) / video.fps;
    await event(element, 'seeked');
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [element.videoWidth, element.videoHeight];
    canvas.getContext('2d')!.drawImage(element, 0, 0);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((png) => (png === null ? reject(new Error('no PNG was made of the frame')) : resolve(png)));
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** @throws as {@link frameOf}; DOMException if the browser does not allow it */
export async function copyFrame(video: Video, frame: number): Promise<void> {
  // A promise inside: Safari allows copying only at once.
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': frameOf(video, frame) })]);
}

/** @throws as {@link frameOf} */
export async function saveFrame(video: Video, frame: number): Promise<void> {
  saveBlob(await frameOf(video, frame), `${video.id}-frame-${frame + 1}.png`);
}

const event = (element: HTMLVideoElement, name: string) =>
  new Promise<void>((resolve, reject) => {
    element.addEventListener(name, () => resolve(), { once: true });
    element.addEventListener('error', () => reject(new Error('the video cannot be decoded')), { once: true });
  });
