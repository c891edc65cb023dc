import { useMemo, useState } from 'react';
import { isFinished, type Video } from './client/types.ts';
import { Composer } from './components/composer/composer.tsx';
import { Gallery } from './components/gallery/gallery.tsx';
import { FeaturedVideo } from './components/player/featured-video.tsx';
import { Connection } from './components/shell/connection.tsx';
import { DeleteDialog } from './components/shell/delete-dialog.tsx';
import { Header } from './components/shell/header.tsx';
import { KeyForm } from './components/shell/key-form.tsx';
import { Toast, useToast } from './components/shell/toast.tsx';
import { ActionsContext, createActions } from './state/actions.ts';
import { useAddress } from './state/use-address.ts';
import { useFocusKept } from './state/use-focus-kept.ts';
import { useLibrary } from './state/use-library.ts';
import { useService, useSession } from './state/use-service.ts';
import { useWatch } from './state/use-watch.ts';
import './styles/app.css';

/** The page: the form and the featured video at the top, all other videos below. */
export function App() {
  const { needsKey } = useSession();
  const { model, account } = useService();
  const allAccounts = account?.admin === true && account.auth === 'key';
  const [videoId, setVideoId] = useAddress('video');
  const [accountInAddress, setAccount] = useAddress('account');
  const shownAccount = allAccounts ? accountInAddress : null;
  const library = useLibrary(videoId, shownAccount);
  const { put, remove } = library;
  const featured = library.videos.find(({ id }) => id === videoId) ?? null;
  const failure = useWatch(videoId, featured !== null && isFinished(featured), put);
  const [edited, setEdited] = useState<Video | null>(null);
  const [toDelete, setToDelete] = useState<Video | null>(null);
  const [message, notify] = useToast();
  useFocusKept();

  const actions = useMemo(
    () =>
      createActions({
        put,
        feature: setVideoId,
        notify,
        edit: (video) => setEdited({ ...video }),
        confirmDelete: setToDelete,
      }),
    [put, setVideoId, notify],
  );
  const deleted = (video: Video) => {
    remove(video.id);
    if (video.id === videoId) setVideoId(null);
    notify('Deleted.');
  };

  return (
    <ActionsContext value={actions}>
      <Header model={model} account={account} />
      <Connection />
      {needsKey && (
        <main className="locked">
          <KeyForm />
        </main>
      )}
      {/* Hidden, not unmounted, so that the form keeps its values. */}
      <main hidden={needsKey}>
        <div className="studio">
          <Composer model={model} edited={edited} />
          <FeaturedVideo
            videoId={videoId}
            video={featured}
            failure={failure}
            account={account}
            allAccounts={allAccounts}
          />
        </div>
        <Gallery
          library={library}
          featuredId={videoId}
          allAccounts={allAccounts}
          account={shownAccount}
          onAccount={setAccount}
          onFailure={notify}
        />
      </main>
      <DeleteDialog video={toDelete} onClose={() => setToDelete(null)} onDeleted={deleted} />
      <Toast text={message} />
    </ActionsContext>
  );
}
