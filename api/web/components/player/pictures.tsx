import type { CSSProperties } from 'react';
import type { Video } from '../../client/types.ts';
import { phaseText } from '../../format/phases.ts';
import type { Preview as SeenPreview } from '../../state/use-previews.ts';
import { FailureNote } from '../video/failure-note.tsx';

/** A preview, softened as much as it is unfinished. */
export function Preview({ preview: { address, step }, steps }: { preview: SeenPreview; steps: number }) {
  return (
    <img
      className="picture-main picture-preview"
      style={{ '--unfinished': step === null ? 0 : Math.max(0, 1 - step / steps) } as CSSProperties}
      src={address}
      alt={step === null ? 'The last preview' : `Preview after step ${step}`}
    />
  );
}

/** The newest preview; before there is any, the place in the queue. */
export function UnfinishedPicture({ video, preview }: { video: Video; preview: SeenPreview | null }) {
  const { queue_position: position } = video;
  if (preview !== null) {
    return (
      <>
        <Preview preview={preview} steps={video.num_inference_steps} />
        {preview.step !== null && (
          <p className="picture-tag numbers" aria-hidden="true">
            <i /> Live preview · step {preview.step}
          </p>
        )}
      </>
    );
  }
  if (video.status !== 'queued' || position == null) return <div className="picture-busy" />;
  return (
    <div className="notice">
      <Line ahead={Math.max(0, position - 1)} />
      {/* The transport says it to screen readers. */}
      <p className="notice-title" aria-hidden="true">
        {phaseText(video)}
      </p>
      <p>You can close the page: the video goes on without it.</p>
    </div>
  );
}

/** The queue, drawn: those ahead, and this one. @param ahead number of jobs before it */
function Line({ ahead }: { ahead: number }) {
  return (
    <div className="notice-line" aria-hidden="true">
      {Array.from({ length: Math.min(6, ahead) }, (_, at) => (
        <i key={at} />
      ))}
      <i className="notice-line-own" />
    </div>
  );
}

/** Why there is no video, and what to do. */
export function FailedPicture({ video }: { video: Video }) {
  return <div className="notice">{video.error && <FailureNote video={video} error={video.error} />}</div>;
}
