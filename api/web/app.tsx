import { useMemo, useRef, useState } from 'react';
import { ApiError } from './client/api-error.ts';
import { isFinished, type Video } from './client/types.ts';
import { Composer } from './components/composer/composer.tsx';
import { Connection } from './components/shell/connection.tsx';
import { Gallery } from './components/gallery/gallery.tsx';
import { Header } from './components/shell/header.tsx';
import { KeyForm } from './components/shell/key-form.tsx';
import { RemovalDialog } from './components/shell/delete-dialog.tsx';
import { Stage } from './components/player/featured-video.tsx';
import { Toast, useToast } from './components/shell/toast.tsx';
import { ActionsContext } from './state/actions.ts';
import { createActions } from './state/create-actions.ts';
import { useFocusKept } from './state/use-focus-kept.ts';
import { useIntoView } from './state/use-into-view.ts';
import { useLibrary } from './state/use-library.ts';
import { useService } from './state/use-service.ts';
import { useSession } from './state/use-session.ts';
import { usePageTitle } from './state/use-page-title.ts';
import { useAddress } from './state/use-address.ts';
import { useWatch } from './state/use-watch.ts';
import './styles/app.css';

/** Deleted elsewhere, or of another account. */
const isGone = (failure: Error | null) => failure instanceof ApiError && failure.status === 404;

/** The page: what to make on top, the video of the moment beside it, all others below. */
export function App() {
  const { needsKey } = useSession();
  const { model, account } = useService();
  const seesAll = account?.admin === true && account.auth === 'key';
  const [videoId, setVideoId] = useAddress('video');
  const [wanted, setWanted] = useAddress('account');
  const shownAccount = seesAll ? wanted : null;
  const library = useLibrary(videoId, shownAccount);
  const { put, remove } = library;
  const onStage = library.videos.find(({ id }) => id === videoId) ?? null;
  const failure = useWatch(videoId, onStage !== null && isFinished(onStage), put);
  const [edited, setEdited] = useState<Video | null>(null);
  const [leaving, setLeaving] = useState<Video | null>(null);
  const [toast, say] = useToast();
  const stage = useRef<HTMLElement>(null);
  useFocusKept();
  usePageTitle(onStage);
  useIntoView(stage, onStage?.id ?? null);

  const actions = useMemo(
    () =>
      createActions({
        put,
        show: setVideoId,
        say,
        edit: (video) => setEdited({ ...video }),
        confirmRemoval: setLeaving,
      }),
    [put, setVideoId, say],
  );
  const removed = (video: Video) => {
    remove(video.id);
    if (video.id === videoId) setVideoId(null);
    say('Deleted.');
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
      {/* Stays meanwhile, with what has been typed. */}
      <main hidden={needsKey}>
        <div className="studio">
          <Composer model={model} edited={edited} />
          <Stage
            ref={stage}
            videoId={videoId}
            video={isGone(failure) ? null : onStage}
            failure={failure}
            account={account}
            seesAll={seesAll}
          />
        </div>
        <Gallery
          library={library}
          shownId={videoId}
          seesAll={seesAll}
          account={shownAccount}
          onAccount={setWanted}
          onFailure={say}
        />
      </main>
      <RemovalDialog video={leaving} onClose={() => setLeaving(null)} onRemoved={removed} />
      <Toast text={toast} />
    </ActionsContext>
  );
}
