import type { Frame, Stream } from 'node-av/lib';
import { readVideo } from '../video-reader.ts';
import type { ExportOptions } from './export-media.ts';

export interface FinishedVideo {
  /** Pixels. */
  width: number;
  height: number;
  stream: Stream;
  /** The file's metadata item `comment`, which has the settings; null for none. */
  comment: string | null;
  /** Every frame with its number for a time; valid until `use` returns. */
  forEachFrame: (use: (frame: Frame) => Promise<void>) => Promise<void>;
}

/** Opens a finished MP4 for one pass over its frames. */
export async function withFinishedVideo<T>(
  { mp4Path, signal, onFrame }: Omit<ExportOptions, 'path'>,
  work: (video: FinishedVideo) => Promise<T>,
): Promise<T> {
  return await readVideo(mp4Path, async ({ stream, format, frames }) => {
    const { width, height } = stream.codecpar;
    const forEachFrame: FinishedVideo['forEachFrame'] = async (use) => {
      let index = 0;
      for await (const frame of frames()) {
        signal.throwIfAborted();
        frame.pts = BigInt(index++);
        await use(frame);
        onFrame?.(index);
      }
    };
    return await work({ width, height, stream, comment: format.metadata?.get('comment') ?? null, forEachFrame });
  });
}
