import { type PointerEvent, useState } from 'react';
import { spritesheetGrid } from '../../../../contract/spritesheet-grid.ts';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { aspectOf } from '../../format/facts.ts';
import { PlayIcon } from '../elements/icons.tsx';
import './poster.css';

const REMOVED = 'The files have been removed';

/** Picture of a finished video. A click features the video; a mouse moving over it scrubs through the clip. */
export function Poster({ video }: { video: Video }) {
  const { feature } = useActions();
  const [position, setPosition] = useState<number | null>(null);
  const [wanted, setWanted] = useState(false);
  const poster = useFile(contentPath(video.id, 'thumbnail'));
  const sheet = useFile(wanted ? contentPath(video.id, 'spritesheet') : null);

  const scrub = (event: PointerEvent<HTMLButtonElement>) => {
    if (event.pointerType === 'touch') return;
    setWanted(true);
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPosition(Math.min(0.999, Math.max(0, (event.clientX - left) / width)));
  };
  return (
    <button
      type="button"
      className="poster"
      aria-label={poster.failed ? `${REMOVED}: ${video.prompt}` : `Play: ${video.prompt}`}
      onClick={() => feature(video)}
      onPointerMove={scrub}
      onPointerLeave={() => setPosition(null)}
    >
      <span className="poster-inner" style={{ aspectRatio: aspectOf(video.size) }}>
        {poster.failed ? (
          <span className="poster-missing">{REMOVED}</span>
        ) : (
          poster.address !== null && <img src={poster.address} alt="" loading="lazy" onError={poster.onError} />
        )}
        {position !== null && sheet.address !== null && (
          <span
            className="poster-sheet"
            style={{ backgroundImage: `url("${sheet.address}")`, ...tileStyle(video.num_frames, position) }}
          />
        )}
        {position !== null && <span className="poster-position" style={{ transform: `scaleX(${position})` }} />}
      </span>
      <span className="poster-play">
        <PlayIcon />
      </span>
    </button>
  );
}

/** Style that shows one tile of the spritesheet. @param position 0 ≤ position < 1 */
function tileStyle(numFrames: number, position: number) {
  const { tiles, columns, rows } = spritesheetGrid(numFrames);
  const tile = Math.floor(position * tiles);
  const percent = (index: number, count: number) => (count > 1 ? (index / (count - 1)) * 100 : 0);
  return {
    backgroundSize: `${columns * 100}% ${rows * 100}%`,
    backgroundPosition: `${percent(tile % columns, columns)}% ${percent(Math.floor(tile / columns), rows)}%`,
  };
}
