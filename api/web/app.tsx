import { useCallback, useMemo, useRef, useState } from 'react';
import { readSettings } from './client/videos.ts';
import { isFinished, type MadeWith, type Video } from './client/types.ts';
import { Composer, type Suggestion } from './components/composer/composer.tsx';
import { Gallery } from './components/gallery/gallery.tsx';
import { GALLERY } from './components/gallery/library-head.tsx';
import { NewVideos } from './components/gallery/new-videos.tsx';
import { SelectionBar } from './components/gallery/selection-bar.tsx';
import { FeaturedVideo } from './components/player/featured-video.tsx';
import { Connection } from './components/shell/connection.tsx';
import { Header } from './components/shell/header.tsx';
import { Hello } from './components/shell/hello.tsx';
import { KeyForm } from './components/shell/key-form.tsx';
import { KeysDialog } from './components/shell/keys-dialog.tsx';
import { DropArea } from './components/shell/drop-area.tsx';
import { Toast, useToast } from './components/shell/toast.tsx';
import { UndoToast } from './components/shell/undo-toast.tsx';
import { ShareDialog } from './components/video/share-dialog.tsx';
import { TagsDialog } from './components/video/tags-dialog.tsx';
import { requestFailure } from './format/failures.ts';
import { ActionsContext, createActions } from './state/actions.ts';
import { removeCompared } from './state/compared.ts';
import { notifyDone } from './state/notifications.ts';
import { filterKey, fits, NO_FILTER } from './state/filter.ts';
import { videoOf, without } from './state/sorted-videos.ts';
import { inAddress, setAddress, useAddress } from './state/use-address.ts';
import { ComparedContext, useCompared } from './state/use-compared.ts';
import { useDeletion } from './state/use-deletion.ts';
import { useFilter } from './state/use-filter.ts';
import { useFinished } from './state/use-finished.ts';
import { useFocusKept } from './state/use-focus-kept.ts';
import { useGroup } from './state/use-group.ts';
import { useHeldBack } from './state/use-held-back.ts';
import { useKeys } from './state/use-keys.ts';
import { useLibrary } from './state/use-library.ts';
import { useSelection } from './state/use-selection.ts';
import { useService, useSession } from './state/use-service.ts';
import { useWatch } from './state/use-watch.ts';
import './styles/app.css';

/** The page: the form at the side, the featured video, all other videos below it. */
export function App() {
  const { needsKey } = useSession();
  const { model, account } = useService();
  const allAccounts = account?.admin === true && account.auth === 'key';
  const [videoId, setVideoId] = useAddress('video');
  const [filter, setFilter] = useFilter(allAccounts);
  const library = useLibrary(videoId, filter);
  const { put, remove, found } = library;
  const [message, notify] = useToast();
  const deletion = useDeletion(
    useCallback((id: string) => remove([id]), [remove]),
    notify,
  );
  const { hidden } = deletion;
  const videos = useMemo(() => without(library.videos, hidden), [library.videos, hidden]);
  const matching = useMemo(() => videos.filter((video) => fits(video, filter, found)), [videos, filter, found]);
  const { shown, waiting } = useHeldBack(matching, GALLERY, filterKey(filter));
  const selection = useSelection(shown);
  const featured = videoOf(videos, videoId) ?? null;
  const failure = useWatch(videoId, featured !== null && isFinished(featured), put);
  const [edited, setEdited] = useState<MadeWith | null>(null);
  const [suggestion, setSuggestion] = useState<Suggestion | null>(null);
  const [toShare, setToShare] = useState<Video | null>(null);
  const [toTag, setToTag] = useState<Video[]>([]);
  const [showsKeys, setShowsKeys] = useState(false);
  const group = useGroup(featured, videos, put);
  const compared = useCompared(videoId, failure, videos, put);
  const fresh = useFinished(videos, videoId, notifyDone);
  useFocusKept();
  const suggest = (prompt: string) => setSuggestion({ prompt });
  useKeys({ '?': () => setShowsKeys(true) });
  const isNew =
    videoId === null && library.state === 'ready' && library.videos.length === 0 && filterKey(filter) === '';
  const { remove: removeLater, undo, pending } = deletion;
  /** Id of the video that was shown large when it was deleted. */
  const removed = useRef<string | null>(null);

  const actions = useMemo(
    () =>
      createActions({
        put,
        feature: (id) => setAddress({ video: id, compare: null }),
        notify,
        edit: (video) => setEdited({ ...video }),
        remove: (gone) => {
          removeLater(gone);
          removed.current = gone.find(({ id }) => id === inAddress('video'))?.id ?? null;
          for (const { id } of gone) removeCompared(id, 'replace');
        },
        editTags: setToTag,
        showTag: (tag) => setFilter({ ...NO_FILTER, tags: [tag] }),
        share: setToShare,
      }),
    [put, setFilter, removeLater, notify],
  );
  const takeSettings = useCallback(
    (file: File) => {
      readSettings(file).then(
        ({ fields, warnings }) => {
          setEdited(fields);
          notify(['Its settings are in the form.', ...warnings].join(' '));
        },
        (error: unknown) => notify(requestFailure(error)),
      );
    },
    [notify],
  );
  const undoDeletion = useCallback(() => {
    undo();
    const { current: id } = removed;
    if (id !== null && pending.some((video) => video.id === id)) setVideoId(id);
  }, [undo, pending, setVideoId]);

  return (
    <ActionsContext value={actions}>
      <a className="skip" href="#video">
        Skip to the video
      </a>
      <Header
        model={model}
        account={account}
        onHelp={() => setShowsKeys(true)}
        onRefused={() => notify('The browser does not allow notifications of this page.')}
      />
      <Connection />
      {needsKey && (
        <main className="locked">
          <KeyForm />
        </main>
      )}
      {/* Hidden, not unmounted, so that the form keeps its values. */}
      <div className="page" hidden={needsKey}>
        <Composer
          model={model}
          edited={edited}
          suggestion={suggestion}
          earlier={videos}
          onEarlier={suggest}
          enhances={account?.prompt_enhancer === true}
        />
        <main>
          {isNew && model && <Hello examples={model.example_prompts} onPick={suggest} />}
          <FeaturedVideo
            videoId={videoId}
            video={featured}
            failure={failure}
            account={account}
            allAccounts={allAccounts}
            group={group}
            compared={compared}
          />
          {!isNew && (
            <ComparedContext value={compared.length > 0 ? [videoId!, ...compared.map(({ id }) => id)] : []}>
              <Gallery
                library={library}
                videos={shown}
                waiting={waiting}
                model={model}
                filter={filter}
                onFilter={setFilter}
                selection={selection}
                featured={featured}
                fresh={fresh}
                allAccounts={allAccounts}
                onFailure={notify}
              />
            </ComparedContext>
          )}
        </main>
      </div>
      <DropArea onFile={takeSettings} />
      <ShareDialog video={toShare} onClose={() => setToShare(null)} />
      <TagsDialog videos={toTag} onClose={() => setToTag([])} />
      <KeysDialog open={showsKeys} onClose={() => setShowsKeys(false)} />
      <div className="floor">
        <NewVideos count={waiting} />
        <Toast text={message} />
        <UndoToast deletion={deletion} onUndo={undoDeletion} />
        {selection.videos.length > 0 && <SelectionBar selection={selection} />}
      </div>
    </ActionsContext>
  );
}
