import { useCallback, useEffect, useState } from 'react';
import '../elements/floating.css';
import './toast.css';

/** How long a message is shown, in ms. */
const SHOWN_MS = 6_000;

interface Message {
  text: string;
}

/** The current message, and a function that shows one. The same text can be shown again. */
export function useToast(): [string | null, (text: string) => void] {
  const [message, setMessage] = useState<Message | null>(null);
  useEffect(() => {
    if (message === null) return;
    const timer = setTimeout(() => setMessage(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message]);
  return [message?.text ?? null, useCallback((text) => setMessage({ text }), [])];
}

/** The outcome of an action. Screen readers need the region to be there before its text. */
export function Toast({ text }: { text: string | null }) {
  return (
    <div role="status" className="toast">
      {text && <p className="toast-message floating">{text}</p>}
    </div>
  );
}
