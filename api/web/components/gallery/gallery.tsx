import { useEffect, useRef, useState } from 'react';
import type { Video } from '../../client/types.ts';
import type { Library } from '../../state/library.ts';
import type { LibraryActions } from '../../state/use-library.ts';
import { useTicking } from '../../state/use-ticking.ts';
import { requestFailure } from '../../format/failures.ts';
import { AccountFilter } from './account-filter.tsx';
import { VideoCard } from './video-card.tsx';
import './gallery.css';

/** Id of the heading, which takes the focus when a card was removed. */
export const GALLERY_TITLE = 'gallery-title';

interface Props {
  library: Library & LibraryActions;
  /** null for none. */
  featured: Video | null;
  /** Ids of videos that were finished and not yet shown large. */
  fresh: ReadonlySet<string>;
  /** Videos of all accounts are shown, each with its account. */
  allAccounts: boolean;
  /** Lists this account's videos alone; null for no filter. */
  account: string | null;
  onAccount: (account: string | null) => void;
  onFailure: (text: string) => void;
}

/** All videos, newest first. */
export function Gallery({ library, featured, fresh, allAccounts, account, onAccount, onFailure }: Props) {
  const { cursor, state, loadOlder } = library;
  // The featured video may belong to another account.
  const videos = library.videos.filter((video) => account === null || video.account === account);
  const [loading, setLoading] = useState(false);
  useTicking(30_000);
  const list = useRef<HTMLUListElement>(null);
  /** Number of videos before the last older ones were loaded. */
  const [before, setBefore] = useState<number | null>(null);
  useEffect(() => {
    if (before === null) return;
    setBefore(null);
    // The button that had the focus is gone once all are loaded: the first new video takes it.
    if (document.activeElement !== document.body) return;
    list.current?.children[before]?.querySelector('a')?.focus({ preventScroll: true });
  }, [before]);
  const showOlder = async () => {
    if (loading) return;
    setLoading(true);
    await loadOlder().then(
      () => setBefore(videos.length),
      (error: unknown) => onFailure(requestFailure(error)),
    );
    setLoading(false);
  };
  return (
    <section className="gallery" aria-labelledby={GALLERY_TITLE}>
      <h2 id={GALLERY_TITLE} tabIndex={-1}>
        {allAccounts ? 'All videos' : 'Your videos'}
      </h2>
      {allAccounts && <AccountFilter videos={library.videos} account={account} onAccount={onAccount} />}
      {videos.length === 0 && <p className="gallery-empty">{emptyText(state, account)}</p>}
      <ul ref={list} className="gallery-grid">
        {videos.map((video) => (
          <li key={video.id}>
            <VideoCard
              video={video}
              featured={video.id === featured?.id}
              comparable={isComparable(video, featured)}
              fresh={fresh.has(video.id)}
              allAccounts={allAccounts}
            />
          </li>
        ))}
      </ul>
      {cursor !== null && (
        <button
          type="button"
          className="gallery-older outlined"
          data-focus-own
          aria-disabled={loading}
          onClick={() => void showOlder()}
        >
          {loading ? 'Loading…' : 'Show older videos'}
        </button>
      )}
    </section>
  );
}

const isComparable = (video: Video, featured: Video | null) =>
  featured?.status === 'completed' && video.status === 'completed' && video.id !== featured.id;

const EMPTY_TEXTS: Record<Library['state'], string> = {
  loading: 'Loading…',
  ready: 'No videos yet. Describe a shot to generate the first one.',
  failed: 'The videos cannot be loaded. Reload the page to try again.',
};

const emptyText = (state: Library['state'], account: string | null) =>
  state === 'ready' && account !== null ? 'This account has no videos.' : EMPTY_TEXTS[state];
