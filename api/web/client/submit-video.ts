import { ApiError, UnreachableError } from './api-error.ts';
import { Backoff } from './backoff.ts';
import type { CreateVideo, Video } from './types.ts';
import { createVideo } from './videos.ts';

/** A submission whose answer was lost: sent again, it must not make a second video. */
let unanswered: { body: string; key: string } | null = null;

/** Tries of one submission, as OpenAI's own clients make them. */
const TRIES = 3;
/** Before the second one where the server does not say, in ms. */
const RETRY_MS = 1_000;
/** Where the server wants a longer wait than this, the viewer is told so instead, in ms. */
const PATIENCE_MS = 10_000;

/** Starts a video; a passing failure is tried again. @throws as `request` */
export async function submitVideo(body: CreateVideo): Promise<Video> {
  const text = JSON.stringify(body);
  const key = unanswered?.body === text ? unanswered.key : randomKey();
  unanswered = null;
  const backoff = new Backoff(RETRY_MS);
  for (let tries = 1; ; tries++) {
    try {
      return await createVideo(body, key);
    } catch (error) {
      const isOutage = error instanceof UnreachableError || (error instanceof ApiError && error.status >= 500);
      if (!isOutage) throw error;
      const { ms } = backoff.next(error);
      if (tries === TRIES || ms > PATIENCE_MS) {
        unanswered = { body: text, key };
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}

/** 128 random bits, hex; `crypto.randomUUID` is missing on plain HTTP. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
