import { useSyncExternalStore } from 'react';
import { useSession } from '../state/use-session.ts';
import './connection.css';

function subscribe(listener: () => void) {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Says that nothing on the page is up to date, and why. */
export function Connection() {
  const { reachable } = useSession();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  const text = !online
    ? 'You are offline. Videos go on being made; the page catches up when you are back.'
    : !reachable
      ? 'The server does not answer. What was asked for is safe; the page keeps trying.'
      : null;
  return (
    <div role="alert" className="connection">
      {text && <p>{text}</p>}
    </div>
  );
}
