import { useEffect, useMemo } from 'react';
import { Toast, useToast } from '../components/shell/toast.tsx';
import { ActionsContext, createActions } from '../state/actions.ts';
import { useAddress } from '../state/use-address.ts';
import { Group } from './samples/group.tsx';
import { Buttons } from './groups/buttons.tsx';
import { Cards } from './groups/cards.tsx';
import { ComposerParts } from './groups/composer.tsx';
import { Dialogs } from './groups/dialogs.tsx';
import { Fields } from './groups/fields.tsx';
import { GalleryParts } from './groups/gallery.tsx';
import { Messages } from './groups/messages.tsx';
import { Players } from './groups/players.tsx';
import { ignore } from './samples/samples.ts';
import './design.css';

const GROUPS = [
  ['buttons', 'Buttons and menus', Buttons],
  ['fields', 'Fields', Fields],
  ['composer', 'Composer', ComposerParts],
  ['cards', 'Cards', Cards],
  ['gallery', 'Gallery', GalleryParts],
  ['players', 'Player', Players],
  ['dialogs', 'Dialogs', Dialogs],
  ['messages', 'Messages and empty states', Messages],
] as const;
const NARROW = '320';

/** The page's parts, each in every state. The address holds the switches, so that a reload keeps them. */
export function Design() {
  const [message, notify] = useToast();
  const [theme, setTheme] = useAddress('theme');
  const [direction, setDirection] = useAddress('dir');
  const [width, setWidth] = useAddress('width');
  const actions = useMemo(
    () =>
      createActions({
        put: ignore,
        feature: ignore,
        edit: ignore,
        remove: ignore,
        editTags: ignore,
        showTag: ignore,
        share: ignore,
        notify,
      }),
    [notify],
  );
  useEffect(() => {
    const { documentElement: root } = document;
    root.style.colorScheme = theme ?? '';
    root.dir = direction ?? 'ltr';
  }, [theme, direction]);
  useEffect(() => {
    // Some parts take the focus when they appear.
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
  }, []);
  const inFrame = window.parent !== window;
  return (
    <ActionsContext value={actions}>
      {!inFrame && (
        <header className="design-head">
          <h1>Kinora’s parts</h1>
          <Switch name="Theme" values={['light', 'dark']} value={theme} onValue={setTheme} />
          <Switch name="Direction" values={['rtl']} value={direction} onValue={setDirection} />
          <Switch name="Width" values={[NARROW]} value={width} onValue={setWidth} />
        </header>
      )}
      {width === NARROW && !inFrame ? (
        <iframe
          className="design-frame"
          title={`Width ${NARROW}`}
          width={NARROW}
          src={`?${new URLSearchParams({ theme: theme ?? '', dir: direction ?? '' })}`}
        />
      ) : (
        <main className="design">
          {GROUPS.map(([id, name, Parts]) => (
            <Group key={id} id={id} name={name}>
              <Parts />
            </Group>
          ))}
        </main>
      )}
      <div className="floor">
        <Toast text={message} />
      </div>
    </ActionsContext>
  );
}

interface SwitchProps {
  name: string;
  values: string[];
  /** null for what the browser says. */
  value: string | null;
  onValue: (value: string | null) => void;
}

const Switch = ({ name, values, value, onValue }: SwitchProps) => (
  <span role="group" aria-label={name}>
    {values.map((one) => (
      <button
        key={one}
        type="button"
        className="chip"
        aria-pressed={one === value}
        onClick={() => onValue(one === value ? null : one)}
      >
        {one}
      </button>
    ))}
  </span>
);
