import { useCallback, useEffect, useState } from 'react';
import './toast.css';

/** How long a message stays, in ms. */
const STAYS_MS = 6_000;

interface Message {
  text: string;
}

/** The message of the moment, and how to say one. The same text said again is shown again. */
export function useToast(): [string | null, (text: string) => void] {
  const [message, setMessage] = useState<Message | null>(null);
  useEffect(() => {
    if (message === null) return;
    const timer = setTimeout(() => setMessage(null), STAYS_MS);
    return () => clearTimeout(timer);
  }, [message]);
  return [message?.text ?? null, useCallback((text) => setMessage({ text }), [])];
}

/** Says what came of an action. The region is always there, as screen readers want it. */
export function Toast({ text }: { text: string | null }) {
  return (
    <div role="status" className="toast">
      {text && <p>{text}</p>}
    </div>
  );
}
