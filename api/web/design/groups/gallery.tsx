import { useState } from 'react';
import { Found } from '../../components/gallery/gallery.tsx';
import { LibraryHead } from '../../components/gallery/library-head.tsx';
import { NewVideos } from '../../components/gallery/new-videos.tsx';
import { SelectionBar } from '../../components/gallery/selection-bar.tsx';
import type { Video } from '../../client/types.ts';
import { NO_FILTER } from '../../state/filter.ts';
import { Sample } from '../samples/group.tsx';
import { denoising, failed, ignore, MODEL, video } from '../samples/samples.ts';

const VIDEOS = [video('star', 'listed'), video('ball', 'listed'), video('triangle', 'listed', { model: 'mochi-1' })];
const FOUND = {
  ...NO_FILTER,
  q: 'black background',
  starred: true,
  size: '160x96',
  tags: ['keeper', 'for the trailer'],
};
const LISTS = [
  ['Loading', 'loading', NO_FILTER],
  ['No videos yet', 'ready', NO_FILTER],
  ['Nothing matches', 'ready', FOUND],
  ['Cannot be loaded', 'failed', NO_FILTER],
] as const;
const selectionOf = (videos: Video[]) => ({
  ids: new Set<string>(),
  videos,
  toggle: ignore,
  all: ignore,
  clear: ignore,
});

export function GalleryParts() {
  const [filter, setFilter] = useState(FOUND);
  return (
    <>
      <Sample name="Search and filters" stage>
        <LibraryHead
          filter={filter}
          onFilter={(change) => setFilter({ ...filter, ...change })}
          model={MODEL}
          videos={VIDEOS}
          count={24}
          more
          allAccounts={false}
        />
      </Sample>
      {LISTS.map(([name, state, searched]) => (
        <Sample key={name} name={name}>
          <Found library={{ state, stale: false }} count={0} filter={searched} onFilter={ignore} />
        </Sample>
      ))}
      <Sample name="New videos while scrolled down">
        <NewVideos count={2} />
      </Sample>
      <Sample name="One is selected" stage>
        <div className="design-row">
          <SelectionBar selection={selectionOf([video('star', 'one', { starred: true })])} />
        </div>
      </Sample>
      <Sample name="Several are selected" stage>
        <div className="design-row">
          <SelectionBar
            selection={selectionOf([
              video('star', 'first'),
              video('ball', 'second'),
              video('square', 'third', denoising),
              video('triangle', 'fourth', failed('worker_lost', '')),
            ])}
          />
        </div>
      </Sample>
    </>
  );
}
