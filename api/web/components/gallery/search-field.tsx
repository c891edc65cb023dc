import { useEffect, useRef, useState } from 'react';
import { MAX_QUERY } from '../../state/filter.ts';
import { useKeys } from '../../state/use-keys.ts';
import { SearchIcon } from '../elements/icons.tsx';
import './search-field.css';

/** After the last key, in ms. */
const PAUSE_MS = 250;

interface Props {
  /** The words that are searched. */
  words: string;
  /** Called once the viewer pauses. */
  onWords: (words: string) => void;
}

/** Finds videos by words of their prompts. The key / goes to it, Escape empties it. */
export function SearchField({ words, onWords }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(words);
  const sent = useRef(words);
  // Changed elsewhere, as by the browser's back button.
  if (words !== sent.current) {
    sent.current = words;
    setTyped(words);
  }
  useKeys({ '/': () => field.current?.select() });
  const send = (text: string) => {
    sent.current = text;
    onWords(text);
  };
  const latest = useRef(send);
  latest.current = send;
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => latest.current(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="search">
      <SearchIcon />
      <input
        ref={field}
        type="search"
        dir="auto"
        aria-label="Search videos"
        aria-keyshortcuts="/"
        placeholder="Search prompts"
        autoComplete="off"
        maxLength={MAX_QUERY}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') send(typed);
          if (event.key !== 'Escape' || typed === '') return;
          event.preventDefault();
          setTyped('');
          send('');
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}
