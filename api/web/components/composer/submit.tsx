import { useId } from 'react';
import { ApiError } from '../../client/api-error.ts';
import type { VideoEstimate } from '../../client/types.ts';
import { estimateText } from '../../format/estimate.ts';
import { requestFailure } from '../../format/failures.ts';

interface Props {
  /** What the video would take, or why it would be refused; null while it is unknown. */
  estimate: VideoEstimate | ApiError | null;
  /** Of the last request; null for none. */
  failure: unknown;
  ready: boolean;
  sending: boolean;
  /** How many videos are made. */
  variations: number;
}

/** The form's end: what the video would take, what went wrong, and Generate. */
export function Submit({ estimate, failure, ready, sending, variations }: Props) {
  const id = useId();
  const name = variations === 1 ? 'Generate' : `Generate ${variations}`;
  return (
    <div className="composer-submit">
      {/* Not a live region: it changes with every setting. */}
      <p id={id} className="composer-estimate numbers">
        {estimate instanceof ApiError ? requestFailure(estimate) : estimate && estimateText(estimate)}
      </p>
      <div role="alert" className="composer-failure">
        {failure !== null && <p className="field-error">{requestFailure(failure)}</p>}
      </div>
      {/* The `disabled` attribute would take the focus away. */}
      <button type="submit" className="lamp" aria-disabled={!ready || sending} aria-describedby={id}>
        {sending ? 'Sending…' : name}
        <kbd aria-hidden="true">Ctrl ↵</kbd>
      </button>
    </div>
  );
}
