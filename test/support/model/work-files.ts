import { readdir } from 'node:fs/promises';

/** What activities are at work on, below the `tempDir` of their worker. */
export const workFiles = (tempDir: string): Promise<string[]> => readdir(tempDir, { recursive: true }).catch(() => []);

/** True from the middle of `encode` on, and in `upload`: both write or read a local `video.mp4`. */
export const holdsVideo = (files: readonly string[]): boolean => files.some((file) => file.endsWith('video.mp4'));
