import { useState } from 'react';
import { singleKeys } from '../../state/use-keys.ts';
import { Dialog } from '../elements/dialog.tsx';
import './keys-dialog.css';

/** What each key does. Bound where it is done: in the form, the player and the featured video. */
const KEYS: [group: string, keys: [key: string, what: string][]][] = [
  [
    'Page',
    [
      ['P', 'write a prompt'],
      ['/', 'search'],
      ['Ctrl or ⌘ Enter', 'generate'],
      ['?', 'this list'],
    ],
  ],
  [
    'Player',
    [
      ['K or Space', 'play, pause'],
      ['J, L', 'slower, faster; backwards below 0.25×'],
      [', .', 'one frame back, on'],
      ['← →', 'one second back, on'],
      ['0 to 9', 'to that tenth'],
      ['I, O', 'loop from here, to here'],
      ['Shift L', 'loop, or not'],
      ['C, Shift C', 'copy, save the frame'],
      ['F', 'fullscreen'],
    ],
  ],
  [
    'Video',
    [
      ['D', 'download'],
      ['R', 'again, with a new seed'],
      ['V', 'four variations'],
      ['1 to 8, A', 'choose one of a group, all of it'],
      ['=, -', 'compare with one more of the group, one less'],
      ['W, Esc', 'compare: wipe or side by side, end it'],
      ['E', 'edit'],
      ['S, T', 'star, tags'],
      ['Del', 'delete'],
      ['Ctrl or ⌘ Z', 'undo a deletion'],
    ],
  ],
  [
    'Gallery',
    [
      ['← → ↑ ↓', 'to another card'],
      ['X', 'select'],
      ['Shift ← → ↑ ↓', 'select on the way'],
      ['Ctrl or ⌘ A', 'select all'],
      ['Esc', 'clear the selection'],
    ],
  ],
];

/** The list of keys, and a switch for those that are pressed alone. */
export const KeysDialog = ({ open, onClose }: { open: boolean; onClose: () => void }) => (
  <Dialog open={open} titleId="keys-title" onClose={onClose}>
    <Keys onClose={onClose} />
  </Dialog>
);

export function Keys({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeys.on);
  const change = (value: boolean) => {
    singleKeys.on = value;
    setOn(value);
  };
  return (
    <>
      <h2 id="keys-title">Keys</h2>
      {KEYS.map(([group, keys]) => (
        <section key={group} aria-label={group} className="keys-group">
          <h3>{group}</h3>
          <ul>
            {keys.map(([key, what]) => (
              <li key={key}>
                <kbd>{key}</kbd> {what}
              </li>
            ))}
          </ul>
        </section>
      ))}
      <label className="check">
        <input type="checkbox" checked={on} onChange={(event) => change(event.target.checked)} />
        Single keys do these things
      </label>
      <div className="dialog-buttons">
        <button type="button" className="filled" onClick={onClose}>
          Done
        </button>
      </div>
    </>
  );
}
