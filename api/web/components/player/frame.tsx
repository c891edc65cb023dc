import type { ReactNode } from 'react';
import { aspectOf } from '../../format/facts.ts';
import './frame.css';

interface Props {
  /** `WxH`. */
  size: string;
  /** Shows that something will come. */
  busy?: boolean;
  children?: ReactNode;
}

/** Holds a picture's place in its own proportions, so that nothing jumps when it comes. */
export function Frame({ size, busy = false, children }: Props) {
  const aspect = aspectOf(size);
  return (
    <div className={busy ? 'frame frame-busy' : 'frame'}>
      <div className="frame-inner" style={{ aspectRatio: aspect, maxWidth: `calc(var(--frame-height) * ${aspect})` }}>
        {children}
      </div>
    </div>
  );
}
