import type { Video } from '../../client/types.ts';
import { failureText } from '../../format/failures.ts';
import { useActions } from '../../state/actions.ts';
import { EditIcon, RetryIcon } from '../elements/icons.tsx';

interface Props {
  video: Video;
  error: NonNullable<Video['error']>;
}

/** Why a video failed, and what to do about it. */
export function FailureNote({ video, error }: Props) {
  const { retry, edit } = useActions();
  const { title, advice, retry: canRetry } = failureText(error);
  return (
    <>
      <h3>{title}</h3>
      {error.code !== 'cancelled' && <p>{error.message}</p>}
      {advice && <p>{advice}</p>}
      <p>
        {canRetry ? (
          <button type="button" className="filled" onClick={() => retry(video)}>
            <RetryIcon /> Retry
          </button>
        ) : (
          <button type="button" className="filled" onClick={() => edit(video)}>
            <EditIcon /> Edit the prompt or settings
          </button>
        )}
      </p>
    </>
  );
}
