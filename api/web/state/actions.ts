import { createContext, useContext } from 'react';
import { copyText } from '../client/clipboard.ts';
import { downloadExport, downloadVideo } from '../client/download.ts';
import { submitVideo } from '../client/submit-video.ts';
import type { CreateVideo, Export, Video } from '../client/types.ts';
import { cancelVideo, retryVideo } from '../client/videos.ts';
import { againBody, curlCommand } from '../format/curl.ts';
import { requestFailure } from '../format/failures.ts';
import { type BulkActions, createBulkActions } from './bulk-actions.ts';
import { addCompared, MOST_COMPARED, removeCompared } from './compared.ts';
import { setAddress } from './use-address.ts';

/** How many are made of one. */
const VARIATIONS = 4;

/** What can be done with videos. Failures are shown as messages. */
export interface Actions extends BulkActions {
  /** Submits a video and features it. @throws as `request`, so that the form can show it */
  create: (body: CreateVideo) => Promise<void>;
  /** Shows a video large, and puts its id into the page's address. */
  feature: (video: Video) => void;
  again: (video: Video, sameSeed: boolean) => void;
  /** Makes several of it, each with a seed of its own. */
  vary: (video: Video) => void;
  /** Takes its settings over into the form. */
  edit: (video: Video) => void;
  cancel: (video: Video) => void;
  retry: (video: Video) => void;
  /** Deletes them, which can be undone for some seconds. */
  remove: (videos: Video[]) => void;
  /** Opens the dialog with their tags. */
  editTags: (videos: Video[]) => void;
  /** Shows the videos with this tag alone. */
  showTag: (tag: string) => void;
  /** Compares the featured video with this one, too; null ends it. */
  compare: (video: Video | null) => void;
  /** Takes a video out of the comparison. */
  uncompare: (video: Video) => void;
  /** Makes and revokes links to it. */
  share: (video: Video) => void;
  download: (video: Video) => void;
  /** Downloads it in another form, which may have to be made first. */
  downloadAs: (video: Video, form: Export) => void;
  copyPrompt: (video: Video) => void;
  copyCurl: (video: Video) => void;
  /** Shows a message once this is done, or why it failed. */
  attempt: (work: Promise<unknown>, done?: string) => void;
}

export interface ActionDeps {
  /** Updates a video on the page. */
  put: (video: Video) => void;
  feature: (id: string) => void;
  edit: Actions['edit'];
  remove: Actions['remove'];
  editTags: Actions['editTags'];
  showTag: Actions['showTag'];
  share: Actions['share'];
  /** Shows a message. */
  notify: (text: string) => void;
}

export function createActions(deps: ActionDeps): Actions {
  const { put, feature, notify } = deps;
  const attempt: Actions['attempt'] = (work, done) => {
    work.then(
      () => done !== undefined && notify(done),
      (error: unknown) => notify(requestFailure(error)),
    );
  };
  const create: Actions['create'] = async (body) => {
    const video = await submitVideo(body);
    put(video);
    feature(video.id);
    notify('Submitted.');
  };
  const copy = (text: string, what: string) =>
    attempt(copyText(text).then((copied) => notify(copied ? `${what} copied.` : 'The browser did not allow copying.')));

  return {
    ...createBulkActions(deps),
    create,
    feature: (video) => feature(video.id),
    edit: deps.edit,
    again: (video, sameSeed) => attempt(create(againBody(video, sameSeed))),
    vary: (video) => attempt(create({ ...againBody(video, false), n: VARIATIONS })),
    cancel: (video) => attempt(cancelVideo(video.id).then(put)),
    retry: (video) =>
      attempt(
        retryVideo(video.id).then((retried) => {
          put(retried);
          feature(retried.id);
          notify('Retrying.');
        }),
      ),
    remove: deps.remove,
    editTags: deps.editTags,
    showTag: deps.showTag,
    share: deps.share,
    compare: (video) => {
      if (video === null) return setAddress({ compare: null });
      const count = addCompared(video.id);
      if (count === null) notify(`${MOST_COMPARED} videos are compared at most. Take one out first.`);
      else notify(`${count} videos are compared.`);
    },
    uncompare: (video) => removeCompared(video.id),
    download: (video) => attempt(downloadVideo(video)),
    downloadAs: (video, form) => {
      notify('It is being made. The download begins by itself.');
      attempt(downloadExport(video, form));
    },
    copyPrompt: (video) => copy(video.prompt, 'Prompt'),
    copyCurl: (video) => copy(curlCommand(video), 'curl command'),
    attempt,
  };
}

export const ActionsContext = createContext<Actions | null>(null);

export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (actions === null) throw new Error('there is no ActionsContext around this component');
  return actions;
}
