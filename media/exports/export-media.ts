import type { Export } from '../../contract/exports.ts';
import { writeFrames } from './frames.ts';
import { writeGif } from './gif.ts';
import { writeWebm } from './webm.ts';

export interface ExportOptions {
  /** A finished MP4. */
  mp4Path: string;
  /** Where the export is written. */
  path: string;
  /** Checked before every frame; its reason is thrown. */
  signal: AbortSignal;
  /** Frames done so far. */
  onFrame?: (frames: number) => void;
}

const WRITERS: Record<Export, (options: ExportOptions) => Promise<void>> = {
  webm: writeWebm,
  gif: writeGif,
  frames: writeFrames,
};

/**
 * Makes another form of a finished MP4, one frame in memory at a time. What is made depends on the MP4 alone, byte for byte.
 *
 * @throws {FFmpegError} where the MP4 cannot be decoded; errors of the file system
 */
export async function exportMedia(variant: Export, options: ExportOptions): Promise<void> {
  await WRITERS[variant](options);
}
