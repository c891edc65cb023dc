import { diffWordsWithSpace } from 'diff';
import { type Ref, useEffect, useRef, useState } from 'react';
import { enhancePrompt } from '../../client/videos.ts';
import { requestFailure } from '../../format/failures.ts';
import type { FormValues } from './form-values.ts';
import './enhance.css';

interface Props {
  prompt: string;
  /** What was written before a suggestion was taken; empty for none. */
  original: string;
  onChange: (change: Pick<FormValues, 'prompt' | 'originalPrompt'>) => void;
}

type State =
  | { is: 'idle' }
  | { is: 'asking' }
  | { is: 'failed'; why: string }
  /** Of the prompt that it was made for: it is of no use for another. */
  | { is: 'suggested'; prompt: string; enhanced: string };

/** Asks for another wording of the prompt and shows what it would change. It is taken by its reader alone, and can be given back. */
export function Enhance({ prompt, original, onChange }: Props) {
  const [state, setState] = useState<State>({ is: 'idle' });
  const asking = useRef<AbortController>(null);
  const region = useRef<HTMLElement>(null);
  const asked = prompt.trim();
  useEffect(() => () => asking.current?.abort(), []);
  useEffect(() => {
    if (state.is === 'suggested') region.current?.focus();
  }, [state]);
  const ask = () => {
    if (asked === '' || state.is === 'asking') return;
    const abort = (asking.current = new AbortController());
    setState({ is: 'asking' });
    enhancePrompt(asked, abort.signal).then(
      ({ enhanced_prompt: enhanced }) => setState({ is: 'suggested', prompt: asked, enhanced }),
      (error: unknown) =>
        setState(abort.signal.aborted ? { is: 'idle' } : { is: 'failed', why: requestFailure(error) }),
    );
  };
  const suggestion = state.is === 'suggested' && state.prompt === asked ? state : null;
  return (
    <>
      <div className="enhance">
        {original !== '' && original !== asked && (
          <button type="button" onClick={() => onChange({ prompt: original, originalPrompt: '' })}>
            Undo enhancement
          </button>
        )}
        {state.is === 'asking' ? (
          <button type="button" onClick={() => asking.current?.abort()}>
            Stop enhancing…
          </button>
        ) : (
          <button type="button" data-focus-next aria-disabled={asked === ''} onClick={ask}>
            Enhance
          </button>
        )}
      </div>
      <p role="alert" className="field-error">
        {state.is === 'failed' && state.why}
      </p>
      {suggestion && (
        <Suggestion
          ref={region}
          from={suggestion.prompt}
          to={suggestion.enhanced}
          onUse={() => {
            setState({ is: 'idle' });
            onChange({ prompt: suggestion.enhanced, originalPrompt: original || suggestion.prompt });
          }}
          onDismiss={() => setState({ is: 'idle' })}
        />
      )}
    </>
  );
}

interface SuggestionProps {
  ref?: Ref<HTMLElement>;
  from: string;
  to: string;
  onUse: () => void;
  onDismiss: () => void;
}

/** What another wording would change, to take it or not. */
export const Suggestion = ({ ref, from, to, onUse, onDismiss }: SuggestionProps) => (
  <section ref={ref} className="enhance-suggestion" aria-label="Suggested prompt" tabIndex={-1}>
    <Difference from={from} to={to} />
    <div className="enhance-choices">
      <button type="button" className="filled" onClick={onUse}>
        Use
      </button>
      <button type="button" className="outlined" onClick={onDismiss}>
        Dismiss
      </button>
    </div>
  </section>
);

/** Two texts as one, with the words that only one of them has. */
function Difference({ from, to }: { from: string; to: string }) {
  return (
    <p className="enhance-words" dir="auto">
      {diffWordsWithSpace(from, to).map(({ value, added, removed }, at) =>
        added ? <ins key={at}>{value}</ins> : removed ? <del key={at}>{value}</del> : <span key={at}>{value}</span>,
      )}
    </p>
  );
}
