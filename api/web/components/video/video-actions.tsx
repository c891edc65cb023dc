import { useContext } from 'react';
import { type Export, isFinished, type Video } from '../../client/types.ts';
import { dateOf } from '../../format/time.ts';
import { type Actions, useActions } from '../../state/actions.ts';
import { ComparedContext } from '../../state/use-compared.ts';
import { IconButton } from '../elements/icon-button.tsx';
import {
  CheckIcon,
  CloseIcon,
  CopyIcon,
  DeleteIcon,
  DownIcon,
  DownloadIcon,
  EditIcon,
  MoreIcon,
  NewSeedIcon,
  OutsideIcon,
  RetryIcon,
  SameSeedIcon,
  ShareIcon,
  StarIcon,
  TagIcon,
  TerminalIcon,
  VariationsIcon,
} from '../elements/icons.tsx';
import { Menu, type MenuItem } from '../elements/menu.tsx';
import './video-actions.css';

interface FeaturedProps {
  video: Video;
  /** The videos' namespace in Temporal's Web UI; null for everyone but operators. */
  temporalUrl: string | null;
  /** The server makes share links. */
  canShare: boolean;
}

/** The buttons for the video that is shown large. */
export function FeaturedActions({ video, temporalUrl, canShare }: FeaturedProps) {
  const actions = useActions();
  const completed = video.status === 'completed';
  return (
    <div className="actions" role="group" aria-label="Actions">
      {completed && (
        <button type="button" className="filled" title="Download (D)" onClick={() => actions.download(video)}>
          <DownloadIcon /> Download
        </button>
      )}
      {completed && (
        <span className="actions-split">
          <button
            type="button"
            className="outlined narrow-icon"
            title="Again, with a new seed (R)"
            onClick={() => actions.again(video, false)}
          >
            <RetryIcon /> <span>Again</span>
          </button>
          <Menu label="Again, with …" className="outlined icon-only" items={againItems(video, actions)}>
            <DownIcon />
          </Menu>
        </span>
      )}
      <button
        type="button"
        className="outlined narrow-icon"
        title="Edit (E)"
        data-focus-next
        onClick={() => actions.edit(video)}
      >
        <EditIcon /> <span>Edit</span>
      </button>
      <StarButton video={video} keyName="S" />
      {completed && canShare && (
        <IconButton name="Share" onClick={() => actions.share(video)}>
          <ShareIcon />
        </IconButton>
      )}
      <Menu label="More" className="icon-only" items={moreItems(video, actions, temporalUrl)} note={keptText(video)}>
        <MoreIcon />
      </Menu>
    </div>
  );
}

interface CardProps {
  video: Video;
  comparable: boolean;
  onSelect: (id: string, range: boolean) => void;
}

/** The buttons on a card. */
export function CardActions({ video, comparable, onSelect }: CardProps) {
  const actions = useActions();
  const compared = useContext(ComparedContext);
  return (
    <div className="actions actions-card" role="group" aria-label="Actions">
      {video.status === 'completed' && (
        <IconButton name="Download" onClick={() => actions.download(video)}>
          <DownloadIcon />
        </IconButton>
      )}
      <StarButton video={video} />
      <Menu
        label="More"
        className="icon-only"
        items={[
          { name: 'Select', icon: CheckIcon, keyName: 'X', run: () => onSelect(video.id, false) },
          ...(video.status === 'completed'
            ? [{ name: 'Download', icon: DownloadIcon, run: () => actions.download(video) }]
            : []),
          ...(comparable ? [compareItem(video, actions, compared)] : []),
          { name: 'Edit', icon: EditIcon, run: () => actions.edit(video) },
          ...moreItems(video, actions, null),
        ]}
        note={keptText(video)}
      >
        <MoreIcon />
      </Menu>
    </div>
  );
}

/** @param compared ids of all that are compared */
function compareItem(video: Video, actions: Actions, compared: readonly string[]): MenuItem {
  if (compared.includes(video.id))
    return { name: 'Take out of the comparison', icon: CloseIcon, run: () => actions.uncompare(video) };
  const name = compared.length > 0 ? 'Add to the comparison' : 'Compare with the shown one';
  return { name, icon: VariationsIcon, run: () => actions.compare(video) };
}

/** Nothing on a server without stars. */
function StarButton({ video, keyName }: { video: Video; keyName?: string }) {
  const { star } = useActions();
  const { starred } = video;
  if (starred === undefined) return null;
  return (
    <IconButton
      name="Star"
      className="star"
      pressed={starred}
      {...(keyName !== undefined && { keyName })}
      onClick={() => star([video], !starred)}
    >
      <StarIcon />
    </IconButton>
  );
}

const FORMS: [Export, string][] = [
  ['webm', 'Download as WebM'],
  ['gif', 'Download as GIF'],
  ['frames', 'Download the frames'],
];

function againItems(video: Video, actions: Actions): MenuItem[] {
  return [
    { name: 'New seed', icon: NewSeedIcon, keyName: 'R', run: () => actions.again(video, false) },
    ...(isFinished(video) ? [{ name: 'Same seed', icon: SameSeedIcon, run: () => actions.again(video, true) }] : []),
    { name: 'Four variations', icon: VariationsIcon, keyName: 'V', run: () => actions.vary(video) },
  ];
}

function moreItems(video: Video, actions: Actions, temporalUrl: string | null): MenuItem[] {
  const again = againItems(video, actions).map((item) => ({ ...item, name: `Again, ${item.name.toLowerCase()}` }));
  return [
    ...again,
    ...(video.status === 'completed'
      ? FORMS.map(([form, name]) => ({ name, icon: DownloadIcon, run: () => actions.downloadAs(video, form) }))
      : []),
    ...(video.starred === undefined
      ? []
      : [
          {
            name: video.starred ? 'Unstar' : 'Star',
            icon: StarIcon,
            keyName: 'S',
            run: () => actions.star([video], !video.starred),
          },
          { name: 'Tags …', icon: TagIcon, keyName: 'T', run: () => actions.editTags([video]) },
        ]),
    { name: 'Copy prompt', icon: CopyIcon, run: () => actions.copyPrompt(video) },
    { name: 'Copy as curl', icon: TerminalIcon, run: () => actions.copyCurl(video) },
    ...(temporalUrl === null
      ? []
      : [{ name: 'Open in Temporal', icon: OutsideIcon, href: `${temporalUrl}/workflows/${video.id}` }]),
    { name: 'Delete', icon: DeleteIcon, keyName: 'Del', danger: true, run: () => actions.remove([video]) },
  ];
}

const keptText = ({ status, expires_at: expiresAt }: Video) =>
  status === 'completed' && expiresAt !== null ? `Kept until ${dateOf(expiresAt)}` : undefined;
