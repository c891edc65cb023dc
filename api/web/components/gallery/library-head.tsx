import type { Model, Video } from '../../client/types.ts';
import type { Filter } from '../../state/filter.ts';
import { AccountFilter } from './account-filter.tsx';
import { Filters } from './filters.tsx';
import { SearchField } from './search-field.tsx';
import './library-head.css';

/** Id of the gallery. */
export const GALLERY = 'gallery';
/** Id of the heading, which takes the focus when the last card was removed. */
export const GALLERY_TITLE = 'gallery-title';

interface Props {
  filter: Filter;
  /** @param typing the viewer is still typing */
  onFilter: (change: Partial<Filter>, typing?: boolean) => void;
  model: Model | null;
  /** All that the page has loaded. */
  videos: Video[];
  /** How many of them the filter finds. */
  count: number;
  /** There are older ones. */
  more: boolean;
  /** Videos of all accounts are shown. */
  allAccounts: boolean;
}

/** The gallery's title, its search and its filters. */
export function LibraryHead({ filter, onFilter, model, videos, count, more, allAccounts }: Props) {
  return (
    <div className="library-head" role="search" aria-label="Videos">
      <h2 id={GALLERY_TITLE} tabIndex={-1}>
        {allAccounts ? 'All videos' : 'Your videos'}{' '}
        <span className="library-count numbers">
          {count}
          {more && '+'}
        </span>
      </h2>
      <SearchField words={filter.q} onWords={(q) => onFilter({ q }, true)} />
      <Filters filter={filter} onFilter={onFilter} model={model} videos={videos} />
      {allAccounts && (
        <AccountFilter
          videos={videos}
          account={filter.account || null}
          onAccount={(account) => onFilter({ account: account ?? '' })}
        />
      )}
    </div>
  );
}
