import { isFinished, type Video } from '../../client/types.ts';
import { previewPath } from '../../client/videos.ts';
import { secondsText } from '../../format/facts.ts';
import { failureText } from '../../format/failures.ts';
import { phaseText } from '../../format/phases.ts';
import { ago } from '../../format/time.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useTicking } from '../../state/use-ticking.ts';
import { CancelButton } from '../video/cancel-button.tsx';
import { leftOf } from '../video/progress.tsx';
import { CardActions } from '../video/video-actions.tsx';
import { Poster } from './poster.tsx';
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
}

/** One video of the gallery: its picture, one line of prompt, one of facts. */
export function VideoCard({ video, featured, comparable, fresh, allAccounts }: Props) {
  const { feature, retry } = useActions();
  const canRetry = video.error !== null && failureText(video.error).retry;
  return (
    <article
      className={featured ? 'video-card video-card-featured' : 'video-card'}
      aria-label={video.prompt}
      aria-current={featured || undefined}
    >
      {video.status === 'completed' ? <Poster video={video} /> : <Unmade video={video} />}
      <CardActions video={video} comparable={comparable} />
      <h3>
        {fresh && <span className="video-card-new" title="New" />}
        <a
          className="video-card-prompt"
          dir="auto"
          href={`?video=${video.id}`}
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
        {allAccounts && video.account && <bdi>{video.account}</bdi>}
        <span>{secondsText(video.seconds)}</span>
        <time dateTime={new Date(video.created_at * 1000).toISOString()}>{ago(video.created_at)}</time>
        {!isFinished(video) && !featured && <CancelButton video={video} />}
        {canRetry && (
          <button type="button" className="video-card-link" onClick={() => retry(video)}>
            Retry
          </button>
        )}
      </p>
    </article>
  );
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
