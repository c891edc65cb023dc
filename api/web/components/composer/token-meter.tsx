import type { TextTokens } from './use-tokens.ts';
import './token-meter.css';

interface Props {
  /** What the text is called. */
  what: string;
  /** null while it is empty, or its tokens are not known. */
  text: TextTokens | null;
}

/**
 * How much of what the model reads a text takes. Screen readers are told when it is too long, and not with each word; sighted
 * people see more than a change of colour.
 */
export function TokenMeter({ what, text }: Props) {
  const tooLong = text !== null && text.tokens > text.most;
  const share = text === null ? 0 : Math.min(1, text.tokens / text.most);
  return (
    <div className={tooLong ? 'token-meter token-meter-over' : 'token-meter'}>
      {text !== null && (
        <>
          <span className="token-meter-bar" aria-hidden="true">
            <i style={{ inlineSize: `${100 * share}%` }} />
          </span>
          <span className="numbers">
            {text.tokens} of {text.most} tokens
          </span>
        </>
      )}
      <p role="status">{tooLong && `The model does not read the end of this ${what}: shorten it.`}</p>
    </div>
  );
}
