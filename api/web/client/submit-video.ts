import { ApiError, UnreachableError } from './api-error.ts';
import { Backoff } from './backoff.ts';
import type { CreateVideo, Video } from './types.ts';
import { createVideo } from './videos.ts';

/** The last submission without an answer: sent again, it must not create a second video. */
let unanswered: { body: string; key: string } | null = null;

/** As many as OpenAI's own clients make. */
const MAX_TRIES = 3;
/** Before the second try, in ms. */
const RETRY_MS = 1_000;
/** A longer delay is shown as a failure, in ms. */
const MAX_DELAY_MS = 10_000;

/** Creates a video, with retries during an outage. @throws as `request` */
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
      if (tries === MAX_TRIES || ms > MAX_DELAY_MS) {
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
