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
  /** It is the one on the stage. */
  shown: boolean;
  /** The viewer sees everybody's videos, and is told whose they are. */
  seesAll: boolean;
}

/** One video, small. */
export function VideoCard({ video, shown, seesAll }: Props) {
  const { show } = useActions();
  return (
    <article className={shown ? 'card video-card video-card-shown' : 'card video-card'} aria-label={video.prompt}>
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
              show(video);
            }}
          >
            {video.prompt}
          </a>
        </h3>
        <p className="video-card-facts">
          {seesAll && video.account && (
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
            {!shown && <CancelButton video={video} />}
          </>
        )}
        {video.error && <FailureNote video={video} error={video.error} />}
        <VideoActions video={video} />
      </div>
    </article>
  );
}
