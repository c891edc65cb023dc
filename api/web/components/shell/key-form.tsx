import { type FormEvent, useRef, useState } from 'react';
import { session } from '../../client/session.ts';
import { useFirstInvalid } from '../../state/use-first-invalid.ts';
import { useSession } from '../../state/use-service.ts';
import { Field } from '../elements/field.tsx';
import './key-form.css';

/** Asks for the API key, in place of the page, where the server requires one. */
export function KeyForm() {
  const { apiKey } = useSession();
  const [key, setKey] = useState('');
  const [remember, setRemember] = useState(false);
  const [problem, setProblem] = useState<{ text?: string }>({});
  const form = useRef<HTMLFormElement>(null);
  useFirstInvalid(form, problem);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = keyProblem(key.trim());
    setProblem({ text: wrong });
    if (wrong === undefined) session.setKey(key.trim(), remember);
  };
  return (
    <form ref={form} className="key-form" noValidate onSubmit={submit}>
      <h2>This server requires an API key</h2>
      <p>Its operator can give you one. The key is sent to this server only.</p>
      {apiKey !== null && (
        <p role="alert" className="field-error">
          The server did not accept the key. It may be mistyped or no longer valid.
        </p>
      )}
      <Field label="API key" error={problem.text}>
        {(props) => (
          <input
            {...props}
            type="password"
            autoComplete="current-password"
            autoFocus
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        )}
      </Field>
      <label className="check">
        <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
        Remember it in this browser
      </label>
      <button type="submit" className="filled">
        Use this key
      </button>
    </form>
  );
}

/** Browsers refuse to send a header with other characters. */
function keyProblem(key: string): string | undefined {
  if (key === '') return 'Enter the key.';
  return /^[\x21-\x7e]+$/.test(key) ? undefined : 'A key contains only letters, digits and punctuation, no spaces.';
}
