import { type CSSProperties, type ReactNode, useRef } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { aspectOf } from '../../format/facts.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { type KeyBindings, useKeys } from '../../state/use-keys.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { toggleFullscreen } from './fullscreen.ts';
import { Scrubber } from './strip.tsx';
import { Transport } from './transport.tsx';
import { useInStep } from './use-in-step.ts';
import { usePlayback } from './use-playback.ts';

interface Props {
  /** The video whose frames are on the strip. */
  lead: Video;
  /** Its element; null until it is there. */
  leader: HTMLVideoElement | null;
  /** Those that play with it; another array only where they change. */
  followers: HTMLVideoElement[];
  /** What keys do beside those of the player. */
  keys?: KeyBindings;
  style?: CSSProperties;
  /** Below the player's buttons. */
  below?: ReactNode;
  /** The picture. */
  children: ReactNode;
}

/** A screen with several videos, which one strip and one set of buttons play in step. */
export function InStepScreen({ lead, leader, followers, keys, style, below, children }: Props) {
  const { attempt } = useActions();
  const still = useReducedMotion();
  const [playback, controls] = usePlayback(leader, lead.num_frames, lead.fps, !still);
  useInStep(leader, followers);
  const sheet = useFile(lead.status === 'completed' ? contentPath(lead.id, 'spritesheet') : null);
  const root = useRef<HTMLDivElement>(null);
  const fullscreen = () => attempt(toggleFullscreen(root.current!));
  useKeys({
    ...keys,
    K: controls.toggle,
    ' ': controls.toggle,
    ',': () => controls.step(-1),
    '.': () => controls.step(1),
    F: fullscreen,
  });
  return (
    <div ref={root} className="screen" style={{ '--aspect': aspectOf(lead.size), ...style } as CSSProperties}>
      <div className="picture">{children}</div>
      <Scrubber
        video={lead}
        sheet={sheet.failed ? null : sheet.address}
        frame={playback.frame}
        range={playback.range}
        onSeek={controls.seek}
      />
      <Transport video={lead} playback={playback} controls={controls} onFullscreen={fullscreen} />
      {below}
    </div>
  );
}
