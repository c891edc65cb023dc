import type { Video } from '../../client/types.ts';
import './earlier-prompts.css';

const MOST = 6;

interface Props {
  /** Newest first. */
  videos: Video[];
  onPick: (prompt: string) => void;
}

/** The prompts that were used last, to begin with one of them. */
export function EarlierPrompts({ videos, onPick }: Props) {
  const prompts = [...new Set(videos.map(({ prompt }) => prompt))].slice(0, MOST);
  if (prompts.length === 0) return null;
  return (
    <section className="earlier" aria-labelledby="earlier-title">
      <h3 id="earlier-title">Earlier prompts</h3>
      <ul>
        {prompts.map((prompt) => (
          <li key={prompt}>
            <button type="button" dir="auto" title={prompt} onClick={() => onPick(prompt)}>
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
