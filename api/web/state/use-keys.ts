import { useEffect, useRef } from 'react';

/** What keys do, by name: `K`, `Shift L`, `ArrowLeft`, ` `, `?`. */
export type KeyBindings = Record<string, () => void>;

const NAME = 'kinora-single-keys';

/** Whether single keys do something; a viewer can switch them off (WCAG 2.1.4). */
export const singleKeys = {
  get on(): boolean {
    try {
      return localStorage.getItem(NAME) !== 'off';
    } catch {
      return true;
    }
  },
  set on(value: boolean) {
    try {
      localStorage.setItem(NAME, value ? 'on' : 'off');
    } catch {
      // Without storage they stay as they are.
    }
  },
};

/**
 * Binds single keys for as long as the component is there. They do nothing in fields, menus and dialogs.
 *
 * @param first these go before those of other components; fixed
 */
export function useKeys(bindings: KeyBindings, first = false): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const run = latest.current[nameOf(event)];
      if (run === undefined || isTaken(event)) return;
      if (!singleKeys.on && event.key !== 'Escape') return;
      event.preventDefault();
      run();
    };
    document.addEventListener('keydown', press, first);
    return () => document.removeEventListener('keydown', press, first);
  }, [first]);
}

function nameOf({ key, shiftKey }: KeyboardEvent): string {
  if (key.length > 1 || key.toUpperCase() === key.toLowerCase()) return key;
  return `${shiftKey ? 'Shift ' : ''}${key.toUpperCase()}`;
}

/** Whether the key belongs to the browser, or to the element that has the focus. */
function isTaken({ ctrlKey, metaKey, altKey, defaultPrevented, key, target }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented || !(target instanceof HTMLElement)) return true;
  if (document.querySelector('dialog[open]') !== null || target.closest('[role=menu]') !== null) return true;
  if (target instanceof HTMLInputElement && target.type === 'range') return key.startsWith('Arrow');
  if (target.matches('[type=checkbox]')) return key === ' ';
  if (target.matches('input, textarea, select')) return true;
  return key === ' ' && target.matches('button, a, summary');
}
