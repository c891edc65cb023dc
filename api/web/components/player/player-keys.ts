import type { Video } from '../../client/types.ts';
import type { KeyBindings } from '../../state/use-keys.ts';
import type { Playback, PlaybackControls } from './use-playback.ts';

/** What the player's keys do. */
export function playerKeys(
  { frame }: Playback,
  controls: PlaybackControls,
  { fps, num_frames: frames, group_id: groupId }: Video,
  { fullscreen, copy, save }: { fullscreen: () => void; copy: () => void; save: () => void },
): KeyBindings {
  const second = Math.round(fps);
  // In a group, digits choose among its videos.
  const tenths = Object.fromEntries(
    Array.from({ length: groupId == null ? 10 : 0 }, (_, tenth) => [
      String(tenth),
      () => controls.seek(Math.round((tenth / 10) * frames)),
    ]),
  );
  return {
    ...tenths,
    K: controls.toggle,
    ' ': controls.toggle,
    J: controls.slower,
    L: controls.faster,
    ArrowLeft: () => controls.seek(frame - second),
    ArrowRight: () => controls.seek(frame + second),
    ',': () => controls.step(-1),
    '.': () => controls.step(1),
    I: controls.loopFrom,
    O: controls.loopTo,
    'Shift L': controls.toggleLoop,
    F: fullscreen,
    C: copy,
    'Shift C': save,
  };
}
