import { type PointerEvent, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { aspectOf } from '../../format/facts.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { Ambient } from '../elements/ambient.tsx';
import { tileStyle } from '../elements/tile-style.ts';
import './poster.css';

const REMOVED = 'The files have been removed';
/** Of a card's picture: a video of about this aspect fills it, another stands on a blurred copy of itself. */
const ASPECT = 16 / 10;
const TOLERANCE = 0.15;

/** Picture of a finished video. A click features the video; a mouse moving over it scrubs through the clip. */
export function Poster({ video }: { video: Video }) {
  const { feature } = useActions();
  const [position, setPosition] = useState<number | null>(null);
  const [wanted, setWanted] = useState(false);
  const poster = useFile(contentPath(video.id, 'thumbnail'));
  const sheet = useFile(wanted ? contentPath(video.id, 'spritesheet') : null);
  const aspect = aspectOf(video.size);
  const fills = Math.abs(aspect / ASPECT - 1) < TOLERANCE;

  const scrub = (event: PointerEvent<HTMLButtonElement>) => {
    if (event.pointerType === 'touch') return;
    setWanted(true);
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPosition(Math.min(0.999, Math.max(0, (event.clientX - left) / width)));
  };
  return (
    <button
      type="button"
      className="poster cell"
      aria-label={poster.failed ? `${REMOVED}: ${video.prompt}` : `Play: ${video.prompt}`}
      onClick={() => feature(video)}
      onPointerMove={scrub}
      onPointerLeave={() => setPosition(null)}
    >
      {poster.failed && <span className="cell-middle">{REMOVED}</span>}
      {!poster.failed && poster.address !== null && (
        <>
          {!fills && <Ambient address={poster.address} />}
          <img
            className={fills ? 'poster-still poster-fills' : 'poster-still'}
            src={poster.address}
            alt=""
            loading="lazy"
            decoding="async"
            onError={poster.onError}
          />
        </>
      )}
      {position !== null && sheet.address !== null && (
        <span
          className="poster-sheet"
          style={{ aspectRatio: aspect, ...tileStyle(sheet.address, video.num_frames, position) }}
        />
      )}
      {position !== null && <span className="poster-position" style={{ transform: `scaleX(${position})` }} />}
    </button>
  );
}
