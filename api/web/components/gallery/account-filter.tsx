import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { useFirstInvalid } from '../../state/use-first-invalid.ts';
import { Field } from '../elements/field.tsx';
import './account-filter.css';

interface Props {
  /** Their accounts are offered. */
  videos: Video[];
  /** null for everybody's. */
  account: string | null;
  onAccount: (account: string | null) => void;
}

/** Ids as the API takes them. */
const ID = /^[\w.:@/+-]{1,200}$/;

/** Shows the videos of one account: of those that are to be seen, or of any whose id is typed. */
export function AccountFilter({ videos, account, onAccount }: Props) {
  const [typed, setTyped] = useState(account ?? '');
  const [problem, setProblem] = useState<{ text?: string }>({});
  const form = useRef<HTMLFormElement>(null);
  const list = useId();
  // Of the other accounts nothing is to be seen while one is chosen.
  const [seen, setSeen] = useState<string[]>([]);
  const unseen = videos.flatMap((video) => (video.account && !seen.includes(video.account) ? [video.account] : []));
  if (unseen.length > 0) setSeen([...new Set([...seen, ...unseen])].toSorted());
  useEffect(() => setTyped(account ?? ''), [account]);
  useFirstInvalid(form, problem);

  const choose = (id: string) => {
    const wrong = id !== '' && !ID.test(id);
    setProblem({ text: wrong ? 'There is no such account: ids have no spaces, accents and the like.' : undefined });
    if (!wrong) onAccount(id === '' ? null : id);
  };
  const change = (id: string) => {
    setTyped(id);
    // One of the list was chosen, or the field was emptied.
    if (id === '' || seen.includes(id)) choose(id);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose(typed.trim());
  };
  return (
    <form ref={form} className="account-filter" role="search" noValidate onSubmit={submit}>
      <Field label="Account" error={problem.text}>
        {(props) => (
          <input
            {...props}
            type="search"
            list={list}
            placeholder="all"
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
      <button type="submit">Show</button>
    </form>
  );
}
