import { useState } from 'react';
import { Found } from '../../components/gallery/gallery.tsx';
import { LibraryHead } from '../../components/gallery/library-head.tsx';
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
      <Sample name="Loading">
        <Found library={{ state: 'loading', stale: false }} count={0} filter={NO_FILTER} onFilter={ignore} />
      </Sample>
      <Sample name="No videos yet">
        <Found library={{ state: 'ready', stale: false }} count={0} filter={NO_FILTER} onFilter={ignore} />
      </Sample>
      <Sample name="Nothing matches">
        <Found library={{ state: 'ready', stale: false }} count={0} filter={FOUND} onFilter={ignore} />
      </Sample>
      <Sample name="Cannot be loaded">
        <Found library={{ state: 'failed', stale: false }} count={0} filter={NO_FILTER} onFilter={ignore} />
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
