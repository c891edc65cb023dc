import type { Export } from '../contract/exports.ts';
import type { Variant } from '../contract/results.ts';

/** Layout of the two stores: all files of one video lie below one prefix, so that cleaning up is one call. */
export const keys = {
  /** Scratch and artefacts of a video, each in its own store. */
  prefix: (videoId: string) => `videos/${videoId}/`,
  /** Scratch: latents after `step` denoising steps. */
  checkpoint: (videoId: string, step: number) =>
    `videos/${videoId}/checkpoint-${String(step).padStart(5, '0')}.safetensors`,
  /** Scratch: an attempt of a run of the workflow has ended in an orderly way. */
  endedAttempt: (videoId: string, runId: string, attempt: number | '') => `videos/${videoId}/ended-${runId}-${attempt}`,
  /** Scratch: a preview of the video so far, overwritten again and again. */
  preview: (videoId: string) => `videos/${videoId}/preview.jpg`,
  /** Scratch: lossless frames. */
  frames: (videoId: string) => `videos/${videoId}/frames.mkv`,
  /** Scratch: what the lossless frames were made from, written after them. */
  framesRecord: (videoId: string) => `videos/${videoId}/frames.json`,
  /** Scratch (encoded, not yet verified) and artefacts (published): the same name in both stores. */
  variant: (videoId: string, variant: Variant) => `videos/${videoId}/${VARIANT_FILES[variant].name}`,
  /** Artefacts: the share links of a video, one small object each. */
  shares: (videoId: string) => `videos/${videoId}/shares/`,
  share: (videoId: string, name: string) => `videos/${videoId}/shares/${name}`,
  /** Artefacts: the stars and tags of an account's videos, one empty object each, named after all that it says. */
  accountMarks: (accountId: string) => `marks/${accountId}/`,
  marks: (accountId: string, videoId: string) => `marks/${accountId}/${videoId}/`,
  mark: (accountId: string, videoId: string, name: string) => `marks/${accountId}/${videoId}/${name}`,
  /** Artefacts: made on demand. */
  export: (videoId: string, variant: Export) => `videos/${videoId}/${EXPORT_FILES[variant].name}`,
};

export const VARIANT_FILES: Record<Variant, { name: string; contentType: string }> = {
  video: { name: 'video.mp4', contentType: 'video/mp4' },
  thumbnail: { name: 'thumbnail.webp', contentType: 'image/webp' },
  spritesheet: { name: 'spritesheet.jpg', contentType: 'image/jpeg' },
};

export const EXPORT_FILES: Record<Export, { name: string; contentType: string }> = {
  webm: { name: 'export.webm', contentType: 'video/webm' },
  gif: { name: 'export.gif', contentType: 'image/gif' },
  frames: { name: 'export-frames.zip', contentType: 'application/zip' },
};

/** A key or prefix that a store does not take; never worth a retry. */
export class InvalidKeyError extends Error {
  override readonly name = 'InvalidKeyError';
}

/** A name within a key: no leading dot, so that neither `..` nor a store's own hidden files can be named. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** @throws InvalidKeyError */
export function assertKey(key: string): void {
  if (key.length > 900 || !key.split('/').every((name) => NAME.test(name) && name.length <= 200)) {
    throw new InvalidKeyError(`Not a key of '/'-separated names of [A-Za-z0-9._-]: ${JSON.stringify(key)}`);
  }
}

/** @throws InvalidKeyError where `prefix` is neither empty nor a key followed by `/`. */
export function assertPrefix(prefix: string): void {
  if (prefix === '') return;
  if (!prefix.endsWith('/')) throw new InvalidKeyError(`A prefix must end in '/': ${JSON.stringify(prefix)}`);
  assertKey(prefix.slice(0, -1));
}
