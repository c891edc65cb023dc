import { UnreachableError } from './api-error.ts';
import type { CreateVideo, Video } from './types.ts';
import { createVideo } from './videos.ts';

/** A submission whose answer was lost: sent again, it must not make a second video. */
let unanswered: { body: string; key: string } | null = null;

/** Starts a video. @throws as `request` */
export async function submitVideo(body: CreateVideo): Promise<Video> {
  const text = JSON.stringify(body);
  const key = unanswered?.body === text ? unanswered.key : randomKey();
  unanswered = null;
  try {
    return await createVideo(body, key);
  } catch (error) {
    if (error instanceof UnreachableError) unanswered = { body: text, key };
    throw error;
  }
}

/** 128 random bits, hex; `crypto.randomUUID` is missing on plain HTTP. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
