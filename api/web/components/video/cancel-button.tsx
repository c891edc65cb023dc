import { useEffect, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { useActions } from '../../state/actions.ts';
import { CancelIcon } from '../elements/icons.tsx';

/** After which a cancel that the server does not confirm can be asked for again, in ms. */
const CONFIRM_MS = 10_000;

/** Cancels; says so until the server says that the GPU is free. */
export function CancelButton({ video }: { video: Video }) {
  const { cancel } = useActions();
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const cancelling = asked || video.phase === 'cancelling';
  return (
    <button
      type="button"
      aria-disabled={cancelling}
      onClick={() => {
        if (cancelling) return;
        setAsked(true);
        cancel(video);
      }}
    >
      <CancelIcon /> {cancelling ? 'Cancelling…' : 'Cancel'}
    </button>
  );
}
