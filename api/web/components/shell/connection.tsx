import { useConnection } from '../../state/use-connection.ts';
import './connection.css';

/** Says that nothing on the page is up to date, and why. */
export function Connection() {
  const { online, reachable } = useConnection();
  return (
    <div role="alert" className="connection">
      {!reachable && (
        <p>
          {online
            ? 'The server does not answer. What was asked for is safe; the page keeps trying.'
            : 'You are offline. Videos go on being made; the page catches up when you are back.'}
        </p>
      )}
    </div>
  );
}
