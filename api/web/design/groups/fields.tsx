import { useState } from 'react';
import { Choices } from '../../components/composer/choices.tsx';
import { lengthChoices, sizeChoices, defaultValues, VARIATION_CHOICES } from '../../components/composer/form-values.ts';
import { Field } from '../../components/elements/field.tsx';
import { AccountFilter } from '../../components/gallery/account-filter.tsx';
import { SearchField } from '../../components/gallery/search-field.tsx';
import { Sample } from '../samples/group.tsx';
import { ignore, MODEL, video } from '../samples/samples.ts';

const VALUES = defaultValues(MODEL);

export function Fields() {
  const [size, setSize] = useState(VALUES.size);
  const [length, setLength] = useState(VALUES.length);
  const [variations, setVariations] = useState('4');
  const [on, setOn] = useState(true);
  return (
    <>
      <Sample name="Field">
        <Field label="Seed" hint="Leave empty for a random one">
          {(props) => <input {...props} placeholder="Random" />}
        </Field>
      </Sample>
      <Sample name="Field with an error">
        <Field label="Steps" hint="2 to 200; more steps take longer" error="Enter a whole number from 2 to 200.">
          {(props) => <input {...props} defaultValue="900" />}
        </Field>
      </Sample>
      <Sample name="Text">
        <Field label="Negative prompt">{(props) => <textarea {...props} rows={2} />}</Field>
      </Sample>
      <Sample name="Check">
        <label className="check">
          <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} />
          Show the prompt
        </label>
      </Sample>
      <Sample name="Sizes">
        <Choices legend="Size" name="size" choices={sizeChoices(MODEL, VALUES)} value={size} onChange={setSize} />
      </Sample>
      <Sample name="Lengths">
        <Choices
          legend="Length"
          name="length"
          choices={lengthChoices(MODEL, VALUES)}
          value={length}
          onChange={setLength}
        />
      </Sample>
      <Sample name="Variations">
        <Choices
          legend="Variations"
          name="variations"
          choices={VARIATION_CHOICES}
          value={variations}
          onChange={setVariations}
        />
      </Sample>
      <Sample name="Search">
        <SearchField words="" onWords={ignore} />
      </Sample>
      <Sample name="Search with words">
        <SearchField words="paper boat" onWords={ignore} />
      </Sample>
      <Sample name="Account">
        <AccountFilter videos={[video('star', 'account', { account: 'studio' })]} account={null} onAccount={ignore} />
      </Sample>
    </>
  );
}
