import { useEffect, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';

/** Time after which an unconfirmed cancel can be repeated, in ms. */
const CONFIRM_MS = 10_000;

/** Cancels a video; it reads “Cancelling…” until the server has confirmed that the GPU is free. */
export function CancelButton({ video }: { video: Video }) {
  const { cancel } = useActions();
  const [requested, setRequested] = useState(false);
  useEffect(() => {
    if (!requested) return;
    const timer = setTimeout(() => setRequested(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [requested]);
  const cancelling = requested || video.phase === 'cancelling';
  return (
    <button
      type="button"
      className="cancel"
      aria-disabled={cancelling}
      onClick={() => {
        if (cancelling) return;
        setRequested(true);
        cancel(video);
      }}
    >
      {cancelling ? 'Cancelling…' : 'Cancel'}
    </button>
  );
}
