import { useEffect } from 'react';
import { videosText } from '../../format/outcome.ts';
import type { Deletion } from '../../state/use-deletion.ts';
import '../elements/floating.css';
import './toast.css';

/** What was deleted, and a way back for some seconds; it stays while it is pointed at or has the focus. */
export function UndoToast({ deletion: { pending, hold }, onUndo }: { deletion: Deletion; onUndo: () => void }) {
  const isShown = pending.length > 0;
  useEffect(() => {
    if (!isShown) return;
    const press = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, shiftKey, altKey, target } = event;
      if (!(ctrlKey || metaKey) || shiftKey || altKey || key.toLowerCase() !== 'z') return;
      if (target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea')) return;
      event.preventDefault();
      onUndo();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [isShown, onUndo]);
  return (
    <div role="status" className="toast">
      {isShown && (
        <div
          className="toast-message toast-undo floating"
          data-focus-own
          onFocus={() => hold(true)}
          onBlur={() => hold(false)}
          onMouseEnter={() => hold(true)}
          onMouseLeave={() => hold(false)}
        >
          <span>{pending.length === 1 ? 'Deleted.' : `${videosText(pending.length)} deleted.`}</span>
          <button type="button" className="outlined" title="Undo (Ctrl or ⌘ Z)" onClick={onUndo}>
            Undo
          </button>
        </div>
      )}
    </div>
  );
}
