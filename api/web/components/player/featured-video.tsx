import { type RefObject, useEffect, useRef } from 'react';
import { ApiError } from '../../client/api-error.ts';
import { type Account, isFinished, type Video } from '../../client/types.ts';
import { facts } from '../../format/facts.ts';
import { requestFailure } from '../../format/failures.ts';
import { momentOf } from '../../format/time.ts';
import { OutsideIcon } from '../elements/icons.tsx';
import { CancelButton } from '../video/cancel-button.tsx';
import { FailureNote } from '../video/failure-note.tsx';
import { Progress, SpokenProgress } from '../video/progress.tsx';
import { VideoActions } from '../video/video-actions.tsx';
import { Picture } from './picture.tsx';
import './featured-video.css';

interface Props {
  /** As in the page's address. */
  videoId: string | null;
  /** null until it is known. */
  video: Video | null;
  failure: Error | null;
  account: Account | null;
  /** Videos of all accounts are shown, each with its account. */
  allAccounts: boolean;
}

/** The video that the page shows large, or a note in its place. */
export function FeaturedVideo({ videoId, video, failure, account, allAccounts }: Props) {
  const section = useRef<HTMLElement>(null);
  const gone = failure instanceof ApiError && failure.status === 404;
  const shown = gone ? null : video;
  useIntoView(section, video?.id ?? null);
  usePageTitle(video);
  return (
    <section ref={section} className="featured" aria-label="Video">
      {shown !== null ? (
        <Details
          key={shown.id}
          video={shown}
          temporalUrl={account?.temporal_ui_url ?? null}
          allAccounts={allAccounts}
        />
      ) : (
        <div className="card featured-empty">
          <p>{emptyText(videoId, failure, gone)}</p>
        </div>
      )}
    </section>
  );
}

function emptyText(videoId: string | null, failure: Error | null, gone: boolean): string {
  if (videoId === null) return 'Your video appears here while it is being generated.';
  if (gone) return 'There is no such video: it was deleted, or belongs to another account.';
  return failure === null ? 'Loading the video…' : requestFailure(failure);
}

interface DetailsProps {
  video: Video;
  /** The videos' namespace in Temporal's Web UI; null for everyone but operators. */
  temporalUrl: string | null;
  allAccounts: boolean;
}

function Details({ video, temporalUrl, allAccounts }: DetailsProps) {
  return (
    <article className="card details">
      <Picture video={video} />
      {!isFinished(video) && (
        <div className="details-progress">
          <Progress video={video} />
          <CancelButton video={video} />
        </div>
      )}
      {video.error && <FailureNote video={video} error={video.error} />}
      <h2 className="details-prompt" dir="auto">
        {video.prompt}
      </h2>
      <ul className="facts" aria-label="Settings">
        {facts(video).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        {allAccounts && video.account && (
          <li>
            by <bdi>{video.account}</bdi>
          </li>
        )}
      </ul>
      {video.negative_prompt && (
        <p className="details-note">
          Negative prompt: <bdi>{video.negative_prompt}</bdi>
        </p>
      )}
      {video.overdue && (
        <p className="details-note">This is taking longer than expected. It is still being worked on.</p>
      )}
      {video.deadline_at != null && !isFinished(video) && (
        <p className="details-note">Stops at {momentOf(video.deadline_at)}, even if unfinished.</p>
      )}
      {video.warnings.map((warning) => (
        <p key={warning} className="details-note">
          Note: {warning}.
        </p>
      ))}
      {video.status === 'completed' && video.expires_at !== null && (
        <p className="details-note">Kept until {momentOf(video.expires_at)}.</p>
      )}
      <VideoActions video={video} labelled />
      {temporalUrl && (
        <a className="details-temporal" href={`${temporalUrl}/workflows/${video.id}`} target="_blank" rel="noreferrer">
          Open in Temporal <OutsideIcon />
        </a>
      )}
      <SpokenProgress video={video} />
    </article>
  );
}

/**
 * Scrolls to an element that shows something new, unless its top is already in the upper half of the window: it may be
 * below the form on a phone, or far above the gallery's last card.
 *
 * @param content what the element shows; null for nothing
 */
function useIntoView(ref: RefObject<HTMLElement | null>, content: string | null): void {
  useEffect(() => {
    if (content === null || ref.current === null) return;
    const { top } = ref.current.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) ref.current.scrollIntoView();
  }, [ref, content]);
}

/** Progress in the title, for viewers who are in another tab. */
function usePageTitle(video: Video | null): void {
  const title = video === null || isFinished(video) ? 'Kinora' : `${video.progress} % · Kinora`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
