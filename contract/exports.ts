import type { StoredFile } from './results.ts';

/** Other forms of a finished video, made when they are first asked for. */
export const EXPORTS = ['webm', 'gif', 'frames'] as const;
export type Export = (typeof EXPORTS)[number];

/** Argument of the workflow and of its activity. One video and one form: the same file, byte for byte. */
export interface ExportInput {
  videoId: string;
  variant: Export;
  /** The finished MP4. */
  video: StoredFile;
  /** Of the MP4. */
  numFrames: number;
}

/** Id of the workflow: however many ask for it at once, it is made once. No id of a video has a slash. */
export const exportId = (videoId: string, variant: Export): string => `${videoId}/export/${variant}`;
