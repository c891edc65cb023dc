import { isFinished, type Video } from '../../client/types.ts';
import { facts } from '../../format/facts.ts';
import { momentOf } from '../../format/time.ts';
import { CancelButton } from '../video/cancel-button.tsx';
import { FailureNote } from '../video/failure-note.tsx';
import { OutsideIcon } from '../elements/icons.tsx';
import { Picture } from './picture.tsx';
import { Progress, SpokenProgress } from '../video/progress.tsx';
import { VideoActions } from '../video/video-actions.tsx';
import './job-card.css';

interface Props {
  video: Video;
  /** The videos' namespace in Temporal's Web UI, for operators. */
  temporalUi: string | null;
  /** The viewer sees everybody's videos, and is told whose they are. */
  seesAll: boolean;
}

/** One video, large: how far it is while it is being made, then the video itself. */
export function JobCard({ video, temporalUi, seesAll }: Props) {
  return (
    <article className="card job">
      <Picture video={video} />
      {!isFinished(video) && (
        <div className="job-progress">
          <Progress video={video} />
          <CancelButton video={video} />
        </div>
      )}
      {video.error && <FailureNote video={video} error={video.error} />}
      <h2 className="job-prompt" dir="auto">
        {video.prompt}
      </h2>
      <ul className="facts" aria-label="Settings">
        {facts(video).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        {seesAll && video.account && (
          <li>
            by <bdi>{video.account}</bdi>
          </li>
        )}
      </ul>
      {video.negative_prompt && (
        <p className="job-note">
          Without: <bdi>{video.negative_prompt}</bdi>
        </p>
      )}
      {video.overdue && <p className="job-note">It takes longer than expected. It has not been forgotten.</p>}
      {video.deadline_at != null && !isFinished(video) && (
        <p className="job-note">Wanted by {momentOf(video.deadline_at)}; it ends then, done or not.</p>
      )}
      {video.warnings.map((warning) => (
        <p key={warning} className="job-note">
          Note: {warning}.
        </p>
      ))}
      {video.status === 'completed' && video.expires_at !== null && (
        <p className="job-note">Kept until {momentOf(video.expires_at)}.</p>
      )}
      <VideoActions video={video} labelled />
      {temporalUi && (
        <a className="job-temporal" href={temporalAddress(temporalUi, video.id)} target="_blank" rel="noreferrer">
          Open its workflow in Temporal <OutsideIcon />
        </a>
      )}
      <SpokenProgress video={video} />
    </article>
  );
}

const temporalAddress = (namespace: string, id: string) => `${namespace}/workflows/${id}`;
