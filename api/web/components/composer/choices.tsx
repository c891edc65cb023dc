import './choices.css';

export interface Choice {
  value: string;
  label: string;
  /** Shown beside the legend while it is chosen. */
  note: string;
}

interface Props {
  legend: string;
  name: string;
  choices: Choice[];
  value: string;
  onChange: (value: string) => void;
}

/** Radio buttons, drawn as segments; beside the legend stands what the chosen one means. */
export function Choices({ legend, name, choices, value, onChange }: Props) {
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <fieldset className="choices" data-name={name}>
      <legend>
        {legend}
        <span className="choices-note" aria-hidden="true">
          {chosen?.note}
        </span>
      </legend>
      <div className="choices-row">
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            {choice.label}
            <span className="visually-hidden">, {choice.note}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
