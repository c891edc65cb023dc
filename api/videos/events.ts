import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { VideosDeps } from './deps.ts';
import { OpenStreams } from '../accounts/open-streams.ts';
import { accountOf, isStillKnown, viewerOf } from '../accounts/viewer.ts';
import { ApiError } from '../errors/errors.ts';
import { EventStream } from '../http/event-stream.ts';
import type { Video } from '../jobs/video-schema.ts';
import { seenBy } from '../jobs/video-object.ts';
import { type VideoListener, VideoWatchers } from './video-watchers.ts';

/**
 * `GET /videos/:id/events`: the video as server-sent events. `video`, with the Video object, at once and whenever it has
 * changed, the time left by a good part; `end` after its final state, and then nothing more.
 *
 * An event's id is made of the state itself, so that any process can tell what a client that comes back has seen. To one
 * that has seen the end 204 says not to come again.
 * Once `stopping` is aborted, every stream ends, and so does one whose key no longer belongs to its account.
 */
export function eventsHandler({
  accounts,
  videos,
  stopping,
  limits,
}: Pick<VideosDeps, 'accounts' | 'videos' | 'stopping' | 'limits'>): RequestHandler<{ id: string }> {
  const watchers = new VideoWatchers(videos);
  const streams = new OpenStreams(limits.eventStreams);
  return async (req, res) => {
    const viewer = viewerOf(res);
    // Before the first read: a client that leaves meanwhile is not counted for ever.
    streams.add(accountOf(res).id, res);
    const video = seenBy(viewer, (await videos.get(req.params.id, viewer)).video);
    if (res.destroyed) return;
    if (!isStillKnown(res)) throw new ApiError('invalid_api_key');
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
    let toldEta = video.eta_seconds;
    const tell = (now: Video) => {
      const state = stateOf(now);
      if (state !== seen || hasMoved(toldEta, now.eta_seconds)) {
        stream.send({ event: 'video', id: state, data: now });
        toldEta = now.eta_seconds;
      }
      seen = state;
      if (!isFinal(now)) return;
      leave();
      stream.finish({ event: 'end', id: endOf(state), data: {} });
    };
    const listener: VideoListener = (record) => {
      if (record !== null) tell(seenBy(viewer, record.video));
      else {
        leave();
        stream.finish({ event: 'end', id: 'deleted', data: {} });
      }
    };
    const end = () => stream.end();
    const leave = () => {
      stopListening();
      stopWatchingKey();
      stopping.removeEventListener('abort', end);
    };
    const stopListening = watchers.listen(video.id, listener);
    const stopWatchingKey = accounts.onChange(() => {
      if (isStillKnown(res)) return;
      leave();
      end();
    });
    stopping.addEventListener('abort', end, { once: true });
    res.once('close', leave);
    tell(video);
  };
}

const isFinal = ({ status }: Video) => status === 'completed' || status === 'failed';

/** Without the time left, which is another with every read. */
const stateOf = (video: Video) => {
  const state = JSON.stringify({ ...video, eta_seconds: null });
  return createHash('sha256').update(state).digest('base64url').slice(0, 22);
};

/** Whether the time left is worth an event of its own: another by a tenth, and by at least five seconds. */
const hasMoved = (told: number | null, now: number | null) =>
  told === null || now === null ? told !== now : Math.abs(now - told) >= Math.max(5, told / 10);

const endOf = (state: string) => `${state}.end`;
