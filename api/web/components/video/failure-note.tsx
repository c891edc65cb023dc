import type { Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { failureWords } from '../../format/failures.ts';
import { EditIcon, RetryIcon } from '../elements/icons.tsx';
import './failure-note.css';

interface Props {
  video: Video;
  error: NonNullable<Video['error']>;
}

/** Why a video failed, in plain words, and the way on. */
export function FailureNote({ video, error }: Props) {
  const { retry, edit } = useActions();
  const { title, advice, retry: canRetry } = failureWords(error);
  // Nothing went wrong: somebody wanted it so.
  const wanted = error.code === 'cancelled';
  return (
    <div className={wanted ? 'failure failure-wanted' : 'failure'}>
      <h3>{title}</h3>
      {!wanted && <p>{error.message}</p>}
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
