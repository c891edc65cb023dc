import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { viewerOf } from '../accounts/viewer.ts';
import { EventStream } from '../http/event-stream.ts';
import type { Video } from '../schemas/video.ts';
import type { VideoService } from '../videos/video-service.ts';
import { type VideoListener, VideoWatchers } from '../videos/video-watchers.ts';

/**
 * `GET /videos/:id/events`: the video as server-sent events. `video`, with the Video object, at once and whenever it has
 * changed; `end` after its final state, and then nothing more.
 *
 * An event's id is made of the state itself, so that any process can tell what a client that comes back has seen. To one
 * that has seen the end 204 says not to come again.
 *
 * @param stopping once aborted, every stream ends
 */
export function eventsHandler(videos: VideoService, stopping: AbortSignal): RequestHandler<{ id: string }> {
  const watchers = new VideoWatchers(videos);
  return async (req, res) => {
    const { video } = await videos.get(req.params.id, viewerOf(res));
    let seen = req.get('last-event-id');
    if (isFinal(video) && seen === endOf(stateOf(video))) {
      res.status(204).end();
      return;
    }
    const stream = new EventStream(res);
    if (req.method === 'HEAD' || stopping.aborted) {
      stream.end();
      return;
    }
    const tell = (now: Video) => {
      const state = stateOf(now);
      if (state !== seen) stream.send({ event: 'video', id: state, data: now });
      seen = state;
      if (!isFinal(now)) return;
      leave();
      stream.finish({ event: 'end', id: endOf(state), data: {} });
    };
    const listener: VideoListener = (record) => {
      if (record !== null) tell(record.video);
      else {
        leave();
        stream.finish({ event: 'end', id: 'deleted', data: {} });
      }
    };
    const end = () => stream.end();
    const leave = () => {
      stopListening();
      stopping.removeEventListener('abort', end);
    };
    const stopListening = watchers.listen(video.id, listener);
    stopping.addEventListener('abort', end, { once: true });
    res.once('close', leave);
    tell(video);
  };
}

const isFinal = ({ status }: Video) => status === 'completed' || status === 'failed';
const stateOf = (video: Video) => createHash('sha256').update(JSON.stringify(video)).digest('base64url').slice(0, 22);
const endOf = (state: string) => `${state}.end`;
