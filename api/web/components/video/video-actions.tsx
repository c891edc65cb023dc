import type { ComponentType } from 'react';
import { isFinished, type Video } from '../../client/types.ts';
import { type Actions, useActions } from '../../state/actions.ts';
import {
  CopyIcon,
  DeleteIcon,
  DownloadIcon,
  EditIcon,
  NewSeedIcon,
  SameSeedIcon,
  TerminalIcon,
} from '../elements/icons.tsx';
import './video-actions.css';

interface Action {
  icon: ComponentType;
  name: string;
  run: (actions: Actions, video: Video) => void;
  offered?: (video: Video) => boolean;
  /** Takes the focus when a neighbour that had it disappears. */
  focusNext?: true;
}

const ACTIONS: Action[] = [
  {
    icon: DownloadIcon,
    name: 'Download',
    run: ({ download }, video) => download(video),
    offered: ({ status }) => status === 'completed',
  },
  {
    icon: SameSeedIcon,
    name: 'Again, same seed',
    run: ({ again }, video) => again(video, true),
    offered: isFinished,
  },
  { icon: NewSeedIcon, name: 'Again, new seed', run: ({ again }, video) => again(video, false) },
  { icon: EditIcon, name: 'Edit', run: ({ edit }, video) => edit(video), focusNext: true },
  { icon: CopyIcon, name: 'Copy prompt', run: ({ copyPrompt }, video) => copyPrompt(video) },
  { icon: TerminalIcon, name: 'Copy as curl', run: ({ copyCurl }, video) => copyCurl(video) },
  { icon: DeleteIcon, name: 'Delete', run: ({ confirmDelete }, video) => confirmDelete(video) },
];

interface Props {
  video: Video;
  /** Shows names beside the icons. @default false */
  labelled?: boolean;
}

/** The buttons for a video's actions. */
export function VideoActions({ video, labelled = false }: Props) {
  const actions = useActions();
  return (
    <ul className={labelled ? 'actions actions-labelled' : 'actions'} aria-label="Actions">
      {ACTIONS.filter(({ offered }) => offered?.(video) ?? true).map(({ icon: Icon, name, run, focusNext }) => (
        <li key={name}>
          <button
            type="button"
            title={labelled ? undefined : name}
            data-focus-next={focusNext}
            onClick={() => run(actions, video)}
          >
            <Icon />
            <span className={labelled ? undefined : 'visually-hidden'}>{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
