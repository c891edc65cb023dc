import type { ComponentType } from 'react';
import type { Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { canCancel, canRetry } from '../../state/bulk-actions.ts';
import { useKeys } from '../../state/use-keys.ts';
import type { Selection } from '../../state/use-selection.ts';
import { IconButton } from '../elements/icon-button.tsx';
import {
  CloseIcon,
  CompareIcon,
  DeleteIcon,
  DownloadIcon,
  RetryIcon,
  StarIcon,
  StopIcon,
  TagIcon,
} from '../elements/icons.tsx';
import '../elements/floating.css';
import './selection-bar.css';

interface Item {
  name: string;
  icon: ComponentType;
  run: () => void;
  /** The key that does the same while videos are selected. */
  keyName?: string;
  className?: string;
}

/** What can be done with the selected videos. Its keys go before those of the video that is shown large. */
export function SelectionBar({ selection }: { selection: Selection }) {
  const { videos, clear } = selection;
  const items = useItems(videos, clear);
  useKeys(
    {
      Escape: clear,
      ...Object.fromEntries(items.flatMap(({ keyName, run }) => (keyName === undefined ? [] : [[keyName, run]]))),
    },
    true,
  );
  return (
    <div className="selection floating" role="group" aria-label="Selected videos">
      <strong className="numbers" role="status">
        {videos.length} selected
      </strong>
      {items.map(({ name, icon: Icon, run, keyName, className }) => (
        <button
          key={name}
          type="button"
          className={className}
          title={keyName === undefined ? name : `${name} (${keyName === 'Delete' ? 'Del' : keyName})`}
          onClick={run}
        >
          <Icon /> <span className="selection-name">{name}</span>
        </button>
      ))}
      <span className="selection-rule" />
      <IconButton name="Clear the selection" keyName="Esc" onClick={clear}>
        <CloseIcon />
      </IconButton>
    </div>
  );
}

function useItems(videos: Video[], clear: () => void): Item[] {
  const actions = useActions();
  const completed = videos.filter(({ status }) => status === 'completed');
  const [a, b, ...others] = completed;
  const canMark = videos.every(({ starred }) => starred !== undefined);
  const starred = videos.every((video) => video.starred);
  const items: (Item | false)[] = [
    completed.length > 0 && {
      name: 'Download ZIP',
      icon: DownloadIcon,
      keyName: 'D',
      className: 'filled',
      run: () => actions.downloadAll(videos),
    },
    a !== undefined &&
      b !== undefined &&
      others.length === 0 && {
        name: 'Compare',
        icon: CompareIcon,
        run: () => {
          clear();
          actions.feature(a);
          actions.compare(b);
        },
      },
    canMark && {
      name: starred ? 'Unstar' : 'Star',
      icon: StarIcon,
      keyName: 'S',
      run: () =>
        actions.star(
          videos.filter((video) => video.starred === starred),
          !starred,
        ),
    },
    canMark && { name: 'Tags', icon: TagIcon, keyName: 'T', run: () => actions.editTags(videos) },
    videos.some(canCancel) && { name: 'Cancel', icon: StopIcon, run: () => actions.cancelAll(videos) },
    videos.some(canRetry) && { name: 'Retry', icon: RetryIcon, run: () => actions.retryAll(videos) },
    { name: 'Delete', icon: DeleteIcon, keyName: 'Delete', run: () => actions.remove(videos) },
  ];
  return items.filter((item) => item !== false);
}
