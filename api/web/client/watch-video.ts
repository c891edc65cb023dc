import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiError, isPassing } from './api-error.ts';
import { pause } from './pause.ts';
import { request } from './request.ts';
import { isFinished, type Video } from './types.ts';
import { getVideo } from './videos.ts';

/** Between two looks where the server has no events, in ms; slower in a tab that nobody sees. */
const POLL_MS = 1_500;
const HIDDEN_POLL_MS = 10_000;
/** Before the next try after a broken connection, in ms. */
const RECONNECT_MS = 1_000;

/**
 * Tells of every change of a video until it is finished: by the server's events, or by polling where it has none. Broken
 * connections are made again.
 *
 * @throws ApiError where the video cannot be seen (401, 404); DOMException `AbortError`
 */
export async function watchVideo(id: string, onVideo: (video: Video) => void, signal: AbortSignal): Promise<void> {
  let lastEventId = '';
  let finished = false;
  let hasEvents = true;
  const tell = (video: Video) => {
    finished = isFinished(video);
    onVideo(video);
  };
  for (;;) {
    try {
      if (hasEvents) {
        await followEvents(id, lastEventId, signal, (video, eventId) => {
          lastEventId = eventId;
          tell(video);
        });
      } else {
        tell(await getVideo(id, signal));
      }
    } catch (error) {
      if (error instanceof ApiError && error.isUnknownRoute && hasEvents) {
        hasEvents = false;
        continue;
      }
      if (!isPassing(error) || signal.aborted) throw error;
    }
    if (finished) return;
    await pause(hasEvents ? RECONNECT_MS : document.hidden ? HIDDEN_POLL_MS : POLL_MS, signal);
  }
}

async function followEvents(
  id: string,
  lastEventId: string,
  signal: AbortSignal,
  onEvent: (video: Video, eventId: string) => void,
): Promise<void> {
  const response = await request(`videos/${encodeURIComponent(id)}/events`, {
    signal,
    headers: { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) },
  });
  const events = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (;;) {
    const { done, value } = await events.read();
    if (done || value.event === 'end') return;
    if (value.event === 'video') onEvent(JSON.parse(value.data) as Video, value.id ?? '');
  }
}
