import { downloadArchives } from '../client/download.ts';
import { isFinished, type Video } from '../client/types.ts';
import { cancelVideo, markVideo, retryVideo } from '../client/videos.ts';
import { failureText } from '../format/failures.ts';
import { outcomeText, videosText } from '../format/outcome.ts';
import { inParallel } from './in-parallel.ts';

/** What can be done with one video or with several at once. Failures are named in a message. */
export interface BulkActions {
  /** Shown at once, and taken back where the server refuses. */
  star: (videos: Video[], starred: boolean) => void;
  /** @param tagsOf the tags that a video has from now on */
  tag: (videos: Video[], tagsOf: (video: Video) => string[]) => void;
  cancelAll: (videos: Video[]) => void;
  retryAll: (videos: Video[]) => void;
  /** Downloads the finished ones as ZIPs. */
  downloadAll: (videos: Video[]) => void;
}

export const canCancel = (video: Video): boolean => !isFinished(video);
export const canRetry = ({ error }: Video): boolean => error !== null && failureText(error).retry;

interface Deps {
  /** Updates a video on the page. */
  put: (video: Video) => void;
  /** Shows a message. */
  notify: (text: string) => void;
}

export function createBulkActions({ put, notify }: Deps): BulkActions {
  /** @param silent one that succeeds shows by itself */
  const withEach = (videos: Video[], work: (video: Video) => Promise<unknown>, done: string, silent = false) => {
    void inParallel(videos, work).then((failed) => {
      if (failed.length > 0 || !silent || videos.length > 1) notify(outcomeText(videos.length, failed, done));
    });
  };
  /** The server's answer, or what was before. */
  const mark = (video: Video, marks: { starred?: boolean; tags?: string[] }) => {
    put({ ...video, ...marks });
    return markVideo(video.id, marks).then(put, (error: unknown) => {
      put(video);
      throw error;
    });
  };
  return {
    star: (videos, starred) =>
      withEach(videos, (video) => mark(video, { starred }), starred ? 'starred' : 'unstarred', true),
    tag: (videos, tagsOf) => withEach(videos, (video) => mark(video, { tags: tagsOf(video) }), 'tagged', true),
    cancelAll: (videos) =>
      withEach(videos.filter(canCancel), async ({ id }) => put(await cancelVideo(id)), 'cancelled'),
    retryAll: (videos) => withEach(videos.filter(canRetry), async ({ id }) => put(await retryVideo(id)), 'retried'),
    downloadAll: (videos) => {
      const completed = videos.filter(({ status }) => status === 'completed');
      notify(`A ZIP of ${videosText(completed.length)} is being downloaded.`);
      downloadArchives(completed).catch((error: unknown) =>
        notify(outcomeText(1, [{ item: completed[0]!, error }], 'downloaded')),
      );
    },
  };
}
