import { copyText } from '../client/clipboard.ts';
import { downloadVideo } from '../client/download.ts';
import { submitVideo } from '../client/submit-video.ts';
import type { Video } from '../client/types.ts';
import { cancelVideo, retryVideo } from '../client/videos.ts';
import { againBody, curlCommand } from '../format/curl.ts';
import { requestFailure } from '../format/failures.ts';
import type { Actions } from './actions.ts';

export interface ActionDeps {
  put: (video: Video) => void;
  show: (id: string) => void;
  edit: (video: Video) => void;
  /** Asks whether it may be deleted, and deletes it. */
  confirmRemoval: (video: Video) => void;
  /** Tells the viewer, and the screen reader, what came of it. */
  say: (text: string) => void;
}

export function createActions({ put, show, edit, confirmRemoval, say }: ActionDeps): Actions {
  const told = (work: Promise<void>) => {
    work.catch((error: unknown) => say(requestFailure(error)));
  };
  const create: Actions['create'] = async (body) => {
    const video = await submitVideo(body);
    put(video);
    show(video.id);
    say('Submitted.');
  };
  const copy = (text: string, what: string) =>
    told(copyText(text).then((copied) => say(copied ? `${what} copied.` : 'The browser did not let the page copy.')));

  return {
    create,
    show: (video) => show(video.id),
    edit,
    again: (video, sameSeed) => told(create(againBody(video, sameSeed))),
    cancel: (video) => told(cancelVideo(video.id).then(put)),
    retry: (video) =>
      told(
        retryVideo(video.id).then((retried) => {
          put(retried);
          show(retried.id);
          say('Trying again.');
        }),
      ),
    remove: confirmRemoval,
    download: (video) => told(downloadVideo(video)),
    copyPrompt: (video) => copy(video.prompt, 'Prompt'),
    copyCurl: (video) => copy(curlCommand(video), 'curl command'),
  };
}
