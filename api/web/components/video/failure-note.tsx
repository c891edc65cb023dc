import type { Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { failureText } from '../../format/failures.ts';
import { EditIcon, RetryIcon } from '../elements/icons.tsx';
import './failure-note.css';

interface Props {
  video: Video;
  error: NonNullable<Video['error']>;
}

/** Why a video failed, and what to do about it. */
export function FailureNote({ video, error }: Props) {
  const { retry, edit } = useActions();
  const { title, advice, retry: canRetry } = failureText(error);
  const cancelled = error.code === 'cancelled';
  return (
    <div className={cancelled ? 'failure failure-cancelled' : 'failure'}>
      <h3>{title}</h3>
      {!cancelled && <p>{error.message}</p>}
      {advice && <p>{advice}</p>}
      {canRetry ? (
        <button type="button" onClick={() => retry(video)}>
          <RetryIcon /> Retry
        </button>
      ) : (
        <button type="button" onClick={() => edit(video)}>
          <EditIcon /> Edit
        </button>
      )}
    </div>
  );
}
