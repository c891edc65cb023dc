import { ApiError, UnreachableError } from './api-error.ts';
import type { CreateVideo, Video } from './types.ts';
import { createVideo } from './videos.ts';

/** A submission whose answer was lost: sent again, it must not make a second video. */
let unanswered: { body: string; key: string } | null = null;

/** Tries of one submission, as OpenAI's own clients make them. */
const TRIES = 3;
/** Before the next one where the server does not say, in seconds. */
const WAIT_S = 1;

/** Starts a video; a passing failure is tried again. @throws as `request` */
export async function submitVideo(body: CreateVideo): Promise<Video> {
  const text = JSON.stringify(body);
  const key = unanswered?.body === text ? unanswered.key : randomKey();
  unanswered = null;
  for (let tries = 1; ; tries++) {
    try {
      return await createVideo(body, key);
    } catch (error) {
      const isOutage = error instanceof UnreachableError || (error instanceof ApiError && error.status >= 500);
      if (!isOutage) throw error;
      if (tries === TRIES) {
        unanswered = { body: text, key };
        throw error;
      }
      const waitS = error instanceof ApiError ? error.retryAfterS : null;
      await new Promise((resolve) => setTimeout(resolve, (waitS ?? WAIT_S) * 1000));
    }
  }
}

/** 128 random bits, hex; `crypto.randomUUID` is missing on plain HTTP. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
