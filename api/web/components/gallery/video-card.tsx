import { isFinished, type Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { secondsText, sizeText } from '../../format/facts.ts';
import { ago, dateOf } from '../../format/time.ts';
import { CancelButton } from '../video/cancel-button.tsx';
import { FailureNote } from '../video/failure-note.tsx';
import { Poster } from './poster.tsx';
import { Progress } from '../video/progress.tsx';
import { VideoActions } from '../video/video-actions.tsx';
import './video-card.css';

interface Props {
  video: Video;
  /** It is also shown large. */
  featured: boolean;
  /** Videos of all accounts are shown, each with its account. */
  allAccounts: boolean;
}

/** One video of the gallery. */
export function VideoCard({ video, featured, allAccounts }: Props) {
  const { feature } = useActions();
  return (
    <article className={featured ? 'card video-card video-card-featured' : 'card video-card'} aria-label={video.prompt}>
      {video.status === 'completed' && <Poster video={video} />}
      <div className="video-card-body">
        <h3>
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
        <p className="video-card-facts">
          {allAccounts && video.account && (
            <>
              <bdi>{video.account}</bdi> ·{' '}
            </>
          )}
          {sizeText(video.size)} · {secondsText(video.seconds)} · seed {video.seed}
        </p>
        <p className="video-card-facts">
          <time dateTime={new Date(video.created_at * 1000).toISOString()}>{ago(video.created_at)}</time>
          {video.status === 'completed' && video.expires_at !== null && <> · kept until {dateOf(video.expires_at)}</>}
        </p>
        {!isFinished(video) && (
          <>
            <Progress video={video} />
            {!featured && <CancelButton video={video} />}
          </>
        )}
        {video.error && <FailureNote video={video} error={video.error} />}
        <VideoActions video={video} />
      </div>
    </article>
  );
}
