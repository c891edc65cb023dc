import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { useFirstInvalid } from '../../state/use-first-invalid.ts';
import { Field } from '../elements/field.tsx';
import './account-filter.css';

interface Props {
  /** Their accounts are suggested. */
  videos: Video[];
  /** null for all accounts. */
  account: string | null;
  onAccount: (account: string | null) => void;
}

/** As the API accepts ids. */
const ID = /^[\w.:@/+-]{1,200}$/;

/** Limits the gallery to one account: a suggested one, or any other by its id. */
export function AccountFilter({ videos, account, onAccount }: Props) {
  const [typed, setTyped] = useState(account ?? '');
  const [problem, setProblem] = useState<{ text?: string }>({});
  const form = useRef<HTMLFormElement>(null);
  const list = useId();
  // All accounts listed so far: a filtered list holds only one.
  const [seen, setSeen] = useState<string[]>([]);
  const unseen = videos.flatMap((video) => (video.account && !seen.includes(video.account) ? [video.account] : []));
  if (unseen.length > 0) setSeen([...new Set([...seen, ...unseen])].toSorted());
  useEffect(() => setTyped(account ?? ''), [account]);
  useFirstInvalid(form, problem);

  const choose = (id: string) => {
    const wrong = id !== '' && !ID.test(id);
    setProblem({ text: wrong ? 'There is no such account: ids contain no spaces or accented letters.' : undefined });
    if (!wrong) onAccount(id === '' ? null : id);
  };
  const change = (id: string) => {
    setTyped(id);
    // A suggestion was picked, or the field was cleared.
    if (id === '' || seen.includes(id)) choose(id);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose(typed.trim());
  };
  return (
    <form ref={form} className="account-filter" noValidate onSubmit={submit}>
      <Field label="Account" error={problem.text}>
        {(props) => (
          <input
            {...props}
            type="search"
            list={list}
            placeholder="All"
            autoComplete="off"
            value={typed}
            onChange={(event) => change(event.target.value)}
          />
        )}
      </Field>
      <datalist id={list}>
        {seen.map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <button type="submit" className="outlined">
        Show
      </button>
    </form>
  );
}
