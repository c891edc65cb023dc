import { type CSSProperties, memo, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { aspectOf, secondsText } from '../../format/facts.ts';
import { phaseText } from '../../format/phases.ts';
import type { Preview } from '../../state/use-previews.ts';
import { tileStyle } from '../elements/tile-style.ts';
import type { LoopRange } from './use-playback.ts';
import './strip.css';

/** Height of the strip, in pixels. */
const HEIGHT = 52;

/** While a video is made: how far it is, each preview where it was made. */
export function ProgressStrip({ video, previews }: { video: Video; previews: Preview[] }) {
  const { progress, steps } = video;
  // The share of the bar that denoising takes is not known before it ends: what is shown lies within what is done.
  const upTo = (preview: Preview) => (preview.step === null || !steps ? 1 : preview.step / steps);
  const furthest = upTo(previews.at(-1) ?? { step: null, address: '' });
  return (
    <Strip
      size={video.size}
      className="strip strip-progress"
      role="progressbar"
      aria-label="Progress"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={progress}
      aria-valuetext={`${progress} percent, ${phaseText(video)}`}
      style={{ '--at': `${progress}%` } as CSSProperties}
      cell={(position) => {
        if (position >= progress / 100) return undefined;
        const at = progress > 0 ? (position / (progress / 100)) * furthest : 0;
        const shown = previews.findLast((preview) => upTo(preview) <= at);
        return shown && { backgroundImage: `url("${shown.address}")` };
      }}
    >
      <span className="strip-todo" />
      <span className="strip-edge" />
    </Strip>
  );
}

/** After a failure: the previews that there were. */
export function PreviewStrip({ video, previews }: { video: Video; previews: Preview[] }) {
  return (
    <Strip
      size={video.size}
      className="strip"
      cell={(position) => {
        const shown = previews[Math.floor((position / Math.max(0.01, video.progress / 100)) * previews.length)];
        return shown && { backgroundImage: `url("${shown.address}")` };
      }}
    />
  );
}

interface ScrubberProps {
  video: Video;
  /** The spritesheet; null until it is loaded. */
  sheet: string | null;
  frame: number;
  range: LoopRange | null;
  onSeek: (frame: number) => void;
}

/** The film's frames, to go to any of them. */
export function Scrubber({ video, sheet, frame, range, onSeek }: ScrubberProps) {
  const { num_frames: frames, fps } = video;
  const percent = (at: number) => `${(at / frames) * 100}%`;
  const cell = useCallback(
    (position: number) => (sheet === null ? undefined : tileStyle(sheet, frames, position)),
    [sheet, frames],
  );
  return (
    <Strip size={video.size} className="strip" style={{ '--at': percent(frame + 0.5) } as CSSProperties} cell={cell}>
      {range && (
        <span
          className="strip-range"
          style={{ insetInlineStart: percent(range.from), insetInlineEnd: percent(frames - 1 - range.to) }}
        />
      )}
      <span className="strip-head" />
      <input
        type="range"
        className="range-cover"
        aria-label="Position"
        aria-valuetext={`${secondsText(String(frame / fps))}, frame ${frame + 1} of ${frames}`}
        min={0}
        max={frames - 1}
        value={frame}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
    </Strip>
  );
}

interface PreviewScrubberProps {
  video: Video;
  previews: Preview[];
  /** Index of the preview that is shown. */
  shown: number;
  onShow: (index: number) => void;
}

/** The denoising previews, to look at any of them. */
export function PreviewScrubber({ video, previews, shown, onShow }: PreviewScrubberProps) {
  return (
    <Strip
      size={video.size}
      className="strip"
      style={{ '--at': `${((shown + 0.5) / previews.length) * 100}%` } as CSSProperties}
      cell={(position) => ({ backgroundImage: `url("${previews[Math.floor(position * previews.length)]!.address}")` })}
    >
      <span className="strip-head" />
      <input
        type="range"
        className="range-cover"
        aria-label="Preview"
        aria-valuetext={`after step ${previews[shown]?.step ?? '?'}`}
        min={0}
        max={previews.length - 1}
        value={shown}
        onChange={(event) => onShow(Number(event.target.value))}
      />
    </Strip>
  );
}

interface StripProps extends React.ComponentProps<'div'> {
  /** `WxH`: decides how many cells fit. */
  size: string;
  /** Background of the cell at a position, 0 ≤ position < 1. */
  cell: (position: number) => CSSProperties | undefined;
  children?: ReactNode;
}

function Strip({ size, cell, children, ...rest }: StripProps) {
  const strip = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    observer.observe(strip.current!);
    return () => observer.disconnect();
  }, []);
  const count = Math.max(1, Math.round(width / (HEIGHT * aspectOf(size))));
  return (
    <div ref={strip} {...rest}>
      <Cells count={count} cell={cell} />
      {children}
    </div>
  );
}

/** Apart, since a film that plays moves nothing but the head over them. */
const Cells = memo(({ count, cell }: Pick<StripProps, 'cell'> & { count: number }) =>
  Array.from({ length: count }, (_, at) => <i key={at} style={cell((at + 0.5) / count)} />),
);
