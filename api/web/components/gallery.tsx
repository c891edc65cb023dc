import { useState } from 'react';
import type { Library } from '../state/library.ts';
import type { LibraryActions } from '../state/use-library.ts';
import { useTicking } from '../state/use-ticking.ts';
import { requestFailure } from '../words/failures.ts';
import { VideoCard } from './video-card.tsx';
import './gallery.css';

/** Id of the heading, which takes the focus when a card is gone. */
export const GALLERY_TITLE = 'gallery-title';

interface Props {
  library: Library & LibraryActions;
  /** The one on the stage. */
  shownId: string | null;
  /** Whose they are, as the heading says it. */
  title: string;
  onFailure: (text: string) => void;
}

/** All videos, newest first. */
export function Gallery({ library, shownId, title, onFailure }: Props) {
  const { videos, cursor, state, loadOlder } = library;
  const [loading, setLoading] = useState(false);
  useTicking(30_000);
  const showOlder = async () => {
    setLoading(true);
    await loadOlder().catch((error: unknown) => onFailure(requestFailure(error)));
    setLoading(false);
  };
  return (
    <section className="gallery" aria-labelledby={GALLERY_TITLE}>
      <h2 id={GALLERY_TITLE} tabIndex={-1}>
        {title}
      </h2>
      {videos.length === 0 && <p className="gallery-empty">{EMPTY_TEXTS[state]}</p>}
      <ul className="gallery-grid">
        {videos.map((video) => (
          <li key={video.id}>
            <VideoCard video={video} shown={video.id === shownId} />
          </li>
        ))}
      </ul>
      {cursor !== null && (
        <button type="button" className="gallery-older" disabled={loading} onClick={() => void showOlder()}>
          {loading ? 'Loading…' : 'Show older videos'}
        </button>
      )}
    </section>
  );
}

const EMPTY_TEXTS: Record<Library['state'], string> = {
  loading: 'Loading…',
  ready: 'Nothing here yet. The first video is one sentence away.',
  failed: 'The list of videos cannot be loaded. Reload the page to try again.',
};
