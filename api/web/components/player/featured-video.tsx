import type { Ref } from 'react';
import { ApiError } from '../../client/api-error.ts';
import type { Account, Video } from '../../client/types.ts';
import { requestFailure } from '../../format/failures.ts';
import { JobCard } from './job-card.tsx';
import './featured-video.css';

interface Props {
  ref: Ref<HTMLElement>;
  /** As in the page's address. */
  videoId: string | null;
  /** null while it is not known. */
  video: Video | null;
  failure: Error | null;
  account: Account | null;
  /** The viewer sees everybody's videos, and is told whose they are. */
  seesAll: boolean;
}

/** The video of the moment. */
export function Stage({ ref, videoId, video, failure, account, seesAll }: Props) {
  return (
    <section ref={ref} className="stage" aria-label="Video">
      {video !== null ? (
        <JobCard key={video.id} video={video} temporalUi={account?.temporal_ui_url ?? null} seesAll={seesAll} />
      ) : (
        <div className="card stage-empty">
          <p>{emptyText(videoId, failure)}</p>
        </div>
      )}
    </section>
  );
}

function emptyText(videoId: string | null, failure: Error | null): string {
  if (videoId === null) return 'Your video appears here while it is being made.';
  if (failure instanceof ApiError && failure.status === 404) {
    return 'There is no such video here: it was deleted, or it belongs to somebody else.';
  }
  return failure === null ? 'Looking for the video…' : requestFailure(failure);
}
