import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiError, isTransient } from './api-error.ts';
import { atLeast, Backoff } from './backoff.ts';
import { pause } from './pause.ts';
import { request } from './request.ts';
import { streamSignal } from './stream-signal.ts';
import { isFinished, type Video } from './types.ts';
import { getVideo } from './videos.ts';

/** Interval of polls where the server has no events, in ms; longer in a hidden tab. */
const POLL_MS = 1_500;
const HIDDEN_POLL_MS = 10_000;
/** Before the first reconnect, in ms. */
const RECONNECT_MS = 500;
/** A stream that lasted this long was no failure, in ms: replacing a server ends its streams. */
const LASTING_MS = 5_000;

/**
 * Reports every change of a video until it is finished, from the server's events, or by polling if it has none. It
 * reconnects when a connection breaks.
 *
 * @throws ApiError if the video cannot be read (401, 404); DOMException `AbortError`
 */
export async function watchVideo(id: string, onVideo: (video: Video) => void, signal: AbortSignal): Promise<void> {
  let lastEventId = '';
  let finished = false;
  let hasEvents = true;
  const backoff = new Backoff(RECONNECT_MS);
  const report = (video: Video) => {
    finished = isFinished(video);
    onVideo(video);
  };
  for (;;) {
    const began = performance.now();
    let failure: unknown = null;
    try {
      // Browsers limit the connections to a server: hidden tabs must not use them up.
      if (hasEvents && !document.hidden) {
        await followEvents(id, lastEventId, signal, (video, eventId) => {
          lastEventId = eventId;
          report(video);
        });
      } else {
        report(await getVideo(id, signal));
        backoff.reset();
      }
    } catch (error) {
      // The server has no events, or the account has reached its limit of streams.
      if (error instanceof ApiError && (error.isUnknownRoute || error.status === 429) && hasEvents) {
        hasEvents = false;
        continue;
      }
      if (signal.aborted || !(isTransient(error) || isAbort(error))) throw error;
      failure = error;
    }
    if (finished) return;
    const streamed = hasEvents && !document.hidden;
    if (streamed && performance.now() - began > LASTING_MS) backoff.reset();
    const pollMs = document.hidden ? HIDDEN_POLL_MS : hasEvents ? 0 : POLL_MS;
    await pause(failure !== null || streamed ? atLeast(pollMs, backoff.next(failure)) : pollMs, signal);
  }
}

/** Resolves when the stream ends or falls silent, or the tab is hidden. */
async function followEvents(
  id: string,
  lastEventId: string,
  signal: AbortSignal,
  onEvent: (video: Video, eventId: string) => void,
): Promise<void> {
  const stream = streamSignal(signal);
  try {
    const { body } = await request(`videos/${encodeURIComponent(id)}/events`, {
      signal: stream.signal,
      headers: { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) },
    });
    const events = body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream({ onComment: stream.heard }))
      .getReader();
    for (;;) {
      const next = await events?.read();
      stream.heard();
      if (!next || next.done || next.value.event === 'end') return;
      if (next.value.event === 'video') onEvent(JSON.parse(next.value.data) as Video, next.value.id ?? '');
    }
  } finally {
    stream.release();
  }
}

const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';
