interface Props {
  prompts: string[];
  onPick: (prompt: string) => void;
}

/** Prompts that the model is good at, to begin with. */
export function Examples({ prompts, onPick }: Props) {
  if (prompts.length === 0) return null;
  return (
    <section className="examples" aria-label="Example prompts">
      <h3>Or try</h3>
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
