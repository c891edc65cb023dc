import './hello.css';

interface Props {
  /** Prompts that show what the model is good at. */
  examples: string[];
  onPick: (prompt: string) => void;
}

/** What a viewer without any video sees. */
export function Hello({ examples, onPick }: Props) {
  return (
    <section id="video" className="hello" aria-label="Example prompts">
      <h2>Describe a shot. Watch it appear.</h2>
      <p>
        {examples.length > 0 && 'Begin with one of these, or write your own. '}
        It runs on your own machine. Close the page whenever you like: nothing is lost.
      </p>
      <ul>
        {examples.map((prompt) => (
          <li key={prompt}>
            <button type="button" dir="auto" onClick={() => onPick(prompt)}>
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
