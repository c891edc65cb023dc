import { isFinished, type Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { phaseText } from '../../format/phases.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useKeys } from '../../state/use-keys.ts';
import './group-row.css';

interface Props {
  /** In their order. */
  videos: Video[];
  /** null while all are shown. */
  shown: Video | null;
  /** Those that it is compared with. */
  compared: Video[];
  /** null shows all, side by side. */
  onShow: (video: Video | null) => void;
}

/** The videos of a group, to choose from. The keys 1 to 8 do so, too; A shows all, = compares with one more. */
export function GroupRow({ videos, shown, compared, onShow }: Props) {
  const byNumber = videos.map((video, at) => [String(at + 1), () => onShow(video)] as const);
  const { compare } = useActions();
  const isPressed = ({ id }: Video) => id === shown?.id || compared.some((other) => other.id === id);
  const next = shown && nextOf(videos, shown, isPressed);
  useKeys({
    ...Object.fromEntries(byNumber),
    A: () => onShow(null),
    ...(next && { '=': () => compare(next) }),
  });
  return (
    <ul className="group-row" aria-label="Variations">
      <li>
        <button type="button" aria-pressed={shown === null} title="All (A)" onClick={() => onShow(null)}>
          All
        </button>
      </li>
      {videos.map((video, at) => (
        <li key={video.id}>
          <Member video={video} number={at + 1} pressed={isPressed(video)} onShow={onShow} />
        </li>
      ))}
    </ul>
  );
}

/** The first after a video, around to it, that is finished and not shown yet. */
function nextOf(videos: Video[], shown: Video, isShown: (video: Video) => boolean): Video | undefined {
  const at = videos.indexOf(shown);
  const others = [...videos.slice(at + 1), ...videos.slice(0, Math.max(0, at))];
  return others.find((video) => video.status === 'completed' && !isShown(video));
}

interface MemberProps {
  video: Video;
  number: number;
  pressed: boolean;
  onShow: (video: Video) => void;
}

function Member({ video, number, pressed, onShow }: MemberProps) {
  const poster = useFile(video.status === 'completed' ? contentPath(video.id, 'thumbnail') : null);
  const state = isFinished(video) ? video.status : `${video.progress} %`;
  // It contains what is seen, for those who speak to their browser.
  const name = `Variation ${number}, seed ${video.seed}, ${state}${isFinished(video) ? '' : `, ${phaseText(video)}`}`;
  return (
    <button type="button" aria-label={name} title={name} aria-pressed={pressed} onClick={() => onShow(video)}>
      {poster.address !== null && !poster.failed ? <img src={poster.address} alt="" /> : <span>{state}</span>}
    </button>
  );
}
