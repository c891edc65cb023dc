import { useCallback, useState } from 'react';
import type { Model, Video } from '../../client/types.ts';
import { requestFailure } from '../../format/failures.ts';
import { videosText } from '../../format/outcome.ts';
import { type Filter, filterKey, NO_FILTER } from '../../state/filter.ts';
import type { Library } from '../../state/library.ts';
import type { LibraryActions } from '../../state/use-library.ts';
import type { Selection } from '../../state/use-selection.ts';
import { CardGrid } from './card-grid.tsx';
import { GALLERY, GALLERY_TITLE, LibraryHead } from './library-head.tsx';
import { VideoCard } from './video-card.tsx';
import './gallery.css';

interface Props {
  library: Library & LibraryActions;
  /** Those that are shown, newest first. */
  videos: Video[];
  /** New ones that wait until the viewer is back at the head. */
  waiting: number;
  model: Model | null;
  filter: Filter;
  onFilter: (change: Partial<Filter>, typing?: boolean) => void;
  selection: Selection;
  /** null for none. */
  featured: Video | null;
  /** Ids of videos that were finished and not yet shown large. */
  fresh: ReadonlySet<string>;
  /** Videos of all accounts are shown, each with its account. */
  allAccounts: boolean;
  onFailure: (text: string) => void;
}

/** The videos that the filter finds, newest first. Older ones are loaded as the viewer scrolls on. */
export function Gallery(props: Props) {
  const { library, videos, waiting, model, filter, onFilter, selection, featured, fresh, allAccounts, onFailure } =
    props;
  const { cursor, loadOlder } = library;
  const [loading, setLoading] = useState(false);
  /** Where the next page failed: it is loaded again when the viewer asks for it. */
  const [failedAt, setFailedAt] = useState<string | null>(null);
  const showOlder = useCallback(() => {
    setLoading(true);
    loadOlder()
      .catch((error: unknown) => {
        setFailedAt(cursor);
        onFailure(requestFailure(error));
      })
      .finally(() => setLoading(false));
  }, [loadOlder, cursor, onFailure]);
  const isComparable = ({ id, status }: Video) =>
    featured?.status === 'completed' && status === 'completed' && id !== featured.id;
  const selecting = selection.ids.size > 0;
  return (
    <section id={GALLERY} className="gallery" aria-labelledby={GALLERY_TITLE}>
      <LibraryHead
        filter={filter}
        onFilter={onFilter}
        model={model}
        videos={library.videos}
        count={videos.length + waiting}
        more={cursor !== null}
        allAccounts={allAccounts}
      />
      <Found library={library} count={videos.length} filter={filter} onFilter={onFilter} />
      <CardGrid
        videos={videos}
        more={cursor !== null && cursor !== failedAt && !loading}
        selection={selection}
        onEnd={showOlder}
        card={(video) => (
          <VideoCard
            video={video}
            featured={video.id === featured?.id}
            comparable={isComparable(video)}
            fresh={fresh.has(video.id)}
            allAccounts={allAccounts}
            selected={selection.ids.has(video.id)}
            selecting={selecting}
            onSelect={selection.toggle}
          />
        )}
      />
      {cursor !== null && (
        <button
          type="button"
          className="gallery-older outlined"
          data-focus-own
          aria-disabled={loading}
          onClick={() => loading || showOlder()}
        >
          {loading ? 'Loading…' : 'Show older videos'}
        </button>
      )}
    </section>
  );
}

interface FoundProps {
  library: Pick<Library & LibraryActions, 'state' | 'stale'>;
  count: number;
  filter: Filter;
  onFilter: (change: Partial<Filter>) => void;
}

/** What the filter has found, for screen readers, and for everyone where it is nothing. */
export function Found({ library, count, filter, onFilter }: FoundProps) {
  const filtered = filterKey(filter) !== '';
  const state = library.state === 'ready' && library.stale ? 'loading' : library.state;
  const found = state === 'ready' && filtered ? `${videosText(count)} found` : '';
  return (
    <>
      <p role="status" className="visually-hidden">
        {count > 0 && found}
      </p>
      {count === 0 && (
        <div className="gallery-empty" role="status">
          <p>{filtered && state === 'ready' ? 'Nothing matches.' : EMPTY_TEXTS[state]}</p>
          {filtered && state !== 'loading' && (
            <button type="button" className="outlined" data-focus-next onClick={() => onFilter(NO_FILTER)}>
              Clear filters
            </button>
          )}
        </div>
      )}
    </>
  );
}

const EMPTY_TEXTS: Record<Library['state'], string> = {
  loading: 'Loading…',
  ready: 'No videos yet. Describe a shot to generate the first one.',
  failed: 'The videos cannot be loaded. Reload the page to try again.',
};
