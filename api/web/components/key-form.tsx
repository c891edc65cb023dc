import { type FormEvent, useState } from 'react';
import { session } from '../client/session.ts';
import { useSession } from '../state/use-session.ts';
import './key-form.css';

/** Asks for the API key; shown instead of the page where the server wants one. */
export function KeyForm() {
  const { apiKey } = useSession();
  const [key, setKey] = useState('');
  const [remember, setRemember] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    session.setKey(key.trim(), remember);
  };
  return (
    <form className="card key-form" onSubmit={submit}>
      <h2>This server asks for an API key</h2>
      <p>You get one from whoever runs it. It is sent to this server only.</p>
      {apiKey !== null && (
        <p role="alert" className="field-error">
          The server did not accept the key. It may be mistyped, or no longer valid.
        </p>
      )}
      <label htmlFor="api-key">API key</label>
      <input
        id="api-key"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <label className="check">
        <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
        Remember it in this browser
      </label>
      <button type="submit" className="primary">
        Use this key
      </button>
    </form>
  );
}
