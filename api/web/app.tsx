import { useCallback, useMemo, useState } from 'react';
import { readSettings } from './client/videos.ts';
import { isFinished, type MadeWith, type Video } from './client/types.ts';
import { Composer, type Suggestion } from './components/composer/composer.tsx';
import { Gallery } from './components/gallery/gallery.tsx';
import { FeaturedVideo } from './components/player/featured-video.tsx';
import { Connection } from './components/shell/connection.tsx';
import { DeleteDialog } from './components/shell/delete-dialog.tsx';
import { Header } from './components/shell/header.tsx';
import { Hello } from './components/shell/hello.tsx';
import { KeyForm } from './components/shell/key-form.tsx';
import { KeysDialog } from './components/shell/keys-dialog.tsx';
import { DropArea } from './components/shell/drop-area.tsx';
import { Toast, useToast } from './components/shell/toast.tsx';
import { ShareDialog } from './components/video/share-dialog.tsx';
import { requestFailure } from './format/failures.ts';
import { ActionsContext, createActions } from './state/actions.ts';
import { removeCompared } from './state/compared.ts';
import { notifyDone } from './state/notifications.ts';
import { setAddress, useAddress } from './state/use-address.ts';
import { ComparedContext, useCompared } from './state/use-compared.ts';
import { useFinished } from './state/use-finished.ts';
import { useFocusKept } from './state/use-focus-kept.ts';
import { useGroup } from './state/use-group.ts';
import { useKeys } from './state/use-keys.ts';
import { useLibrary } from './state/use-library.ts';
import { useService, useSession } from './state/use-service.ts';
import { useWatch } from './state/use-watch.ts';
import './styles/app.css';

/** The page: the form at the side, the featured video, all other videos below it. */
export function App() {
  const { needsKey } = useSession();
  const { model, account } = useService();
  const allAccounts = account?.admin === true && account.auth === 'key';
  const [videoId] = useAddress('video');
  const [accountInAddress, setAccount] = useAddress('account');
  const shownAccount = allAccounts ? accountInAddress : null;
  const library = useLibrary(videoId, shownAccount);
  const { put, remove } = library;
  const featured = library.videos.find(({ id }) => id === videoId) ?? null;
  const failure = useWatch(videoId, featured !== null && isFinished(featured), put);
  const [edited, setEdited] = useState<MadeWith | null>(null);
  const [suggestion, setSuggestion] = useState<Suggestion | null>(null);
  const [toShare, setToShare] = useState<Video | null>(null);
  const [toDelete, setToDelete] = useState<Video | null>(null);
  const [showsKeys, setShowsKeys] = useState(false);
  const [message, notify] = useToast();
  const group = useGroup(featured, library.videos, put);
  const compared = useCompared(videoId, failure, library.videos, put);
  const fresh = useFinished(library.videos, videoId, notifyDone);
  useFocusKept();
  const suggest = (prompt: string) => setSuggestion({ prompt });
  useKeys({ '?': () => setShowsKeys(true) });
  const isNew = videoId === null && library.state === 'ready' && library.videos.length === 0 && shownAccount === null;

  const actions = useMemo(
    () =>
      createActions({
        put,
        feature: (id) => setAddress({ video: id, compare: null }),
        notify,
        edit: (video) => setEdited({ ...video }),
        confirmDelete: setToDelete,
        share: setToShare,
      }),
    [put, notify],
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
  const deleted = (video: Video) => {
    remove(video.id);
    removeCompared(video.id, 'replace');
    notify('Deleted.');
  };

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
          earlier={library.videos}
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
                featured={featured}
                fresh={fresh}
                allAccounts={allAccounts}
                account={shownAccount}
                onAccount={setAccount}
                onFailure={notify}
              />
            </ComparedContext>
          )}
        </main>
      </div>
      <DropArea onFile={takeSettings} />
      <ShareDialog video={toShare} onClose={() => setToShare(null)} />
      <DeleteDialog video={toDelete} onClose={() => setToDelete(null)} onDeleted={deleted} />
      <KeysDialog open={showsKeys} onClose={() => setShowsKeys(false)} />
      <Toast text={message} />
    </ActionsContext>
  );
}
