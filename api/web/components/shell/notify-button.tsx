import { useState } from 'react';
import { canNotify, setNotifications, wantsNotifications } from '../../state/notifications.ts';
import { IconButton } from '../elements/icon-button.tsx';
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
  return (
    <IconButton name="Notify me when a video is done" pressed={on} onClick={() => void toggle()}>
      <BellIcon />
    </IconButton>
  );
}
