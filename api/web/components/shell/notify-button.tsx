import { useState } from 'react';
import { canNotify, setNotifications, wantsNotifications } from '../../state/notifications.ts';
import { BellIcon } from '../elements/icons.tsx';

/** Switches notifications of finished videos on and off. @param onRefused the browser does not allow them */
export function NotifyButton({ onRefused }: { onRefused: () => void }) {
  const [on, setOn] = useState(wantsNotifications);
  if (!canNotify()) return null;
  const toggle = async () => {
    const now = await setNotifications(!on);
    setOn(now);
    if (!on && !now) onRefused();
  };
  const name = 'Notify me when a video is done';
  return (
    <button
      type="button"
      className="icon-only"
      aria-label={name}
      title={name}
      aria-pressed={on}
      onClick={() => void toggle()}
    >
      <BellIcon />
    </button>
  );
}
