import { memo } from 'react';
import { isFinished, type Video } from '../../client/types.ts';
import { previewPath } from '../../client/videos.ts';
import { secondsText } from '../../format/facts.ts';
import { failureText } from '../../format/failures.ts';
import { phaseText } from '../../format/phases.ts';
import { ago } from '../../format/time.ts';
import { useActions } from '../../state/actions.ts';
import { canRetry } from '../../state/bulk-actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useTicking } from '../../state/use-ticking.ts';
import { StarIcon } from '../elements/icons.tsx';
import { CancelButton } from '../video/cancel-button.tsx';
import { leftOf } from '../video/progress.tsx';
import { CardActions } from '../video/video-actions.tsx';
import { Poster } from './poster.tsx';
import './pick.css';
import './video-card.css';

interface Props {
  video: Video;
  /** It is also shown large. */
  featured: boolean;
  /** It can be compared with the one that is shown large. */
  comparable: boolean;
  /** It was finished and not yet shown large. */
  fresh: boolean;
  /** Videos of all accounts are shown, each with its account. */
  allAccounts: boolean;
  selected: boolean;
  /** Some are selected: each shows its check. */
  selecting: boolean;
  /** Stable. @param range with those between the one before and it */
  onSelect: (id: string, range: boolean) => void;
}

/** One video of the gallery: its picture, one line of prompt, one of facts. */
export const VideoCard = memo(function VideoCard(props: Props) {
  const { video, featured, comparable, fresh, allAccounts, selected, selecting, onSelect } = props;
  const { feature, retry } = useActions();
  const state = [featured && 'featured', selected && 'picked', selecting && 'picking'].filter(Boolean);
  return (
    <article
      className={['video-card', ...state.map((name) => `video-card-${name}`)].join(' ')}
      aria-label={video.prompt}
      aria-current={featured || undefined}
    >
      {video.status === 'completed' ? <Poster video={video} /> : <Unmade video={video} />}
      <input
        type="checkbox"
        className="pick"
        aria-label={`Select: ${video.prompt}`}
        title="Select (X)"
        checked={selected}
        onMouseDown={(event) => event.shiftKey && event.preventDefault()}
        onChange={({ nativeEvent }) => onSelect(video.id, (nativeEvent as MouseEvent).shiftKey)}
      />
      <CardActions video={video} comparable={comparable} onSelect={onSelect} />
      <h3>
        {fresh && <span className="video-card-new" title="New" />}
        <a
          className="video-card-prompt"
          dir="auto"
          href={`?video=${video.id}`}
          data-focus-next
          title={video.prompt}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            feature(video);
          }}
        >
          {video.prompt}
        </a>
      </h3>
      <p className="video-card-facts numbers">
        {fresh && <span className="visually-hidden">New</span>}
        {video.starred && (
          <span className="video-card-star" title="Starred">
            <StarIcon />
            <span className="visually-hidden">Starred</span>
          </span>
        )}
        {allAccounts && video.account && <bdi>{video.account}</bdi>}
        <span>{secondsText(video.seconds)}</span>
        <Ago time={video.created_at} />
        {!isFinished(video) && !featured && <CancelButton video={video} />}
        {canRetry(video) && (
          <button type="button" className="video-card-link" onClick={() => retry(video)}>
            Retry
          </button>
        )}
        {video.tags && video.tags.length > 0 && (
          <bdi className="video-card-tags" title={video.tags.join(', ')}>
            {video.tags.join(', ')}
          </bdi>
        )}
      </p>
    </article>
  );
});

function Ago({ time }: { time: number }) {
  useTicking(30_000);
  return <time dateTime={new Date(time * 1000).toISOString()}>{ago(time)}</time>;
}

/** In place of the picture, for a video that is not finished or has failed. */
function Unmade({ video }: { video: Video }) {
  const { feature } = useActions();
  const { preview_step: step, status } = video;
  const preview = useFile(
    status === 'in_progress' && step != null ? `${previewPath(video.id)}?step=${step}` : null,
    true,
  );
  const shown = preview.failed ? null : preview.address;
  return (
    <div className="cell" onClick={() => feature(video)}>
      {shown !== null && <img className="poster-still poster-fills" src={shown} alt="" />}
      {video.error !== null ? (
        <span className="cell-middle">
          <strong>{failureText(video.error).title}</strong>
        </span>
      ) : (
        <State video={video} low={shown !== null} />
      )}
    </div>
  );
}

/** @param low at the picture's lower edge, rather than in its middle */
function State({ video, low }: { video: Video; low: boolean }) {
  useTicking(1_000);
  return (
    <>
      <span className={low ? 'cell-low numbers' : 'cell-middle numbers'}>
        <strong>{phaseText(video)}</strong>
        <small>{leftOf(video)}</small>
      </span>
      {video.status === 'in_progress' && <progress max={100} value={video.progress} aria-label="Progress" />}
    </>
  );
}
