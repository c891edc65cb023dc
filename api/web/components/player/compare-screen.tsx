import { type CSSProperties, useCallback, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { aspectOf } from '../../format/facts.ts';
import { columnsFor } from '../../format/grid.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { InStepScreen } from './in-step-screen.tsx';
import { useElements } from './use-elements.ts';
import './compare-screen.css';

/** What compared videos are called, in their order. */
export const COMPARED_NAMES = ['A', 'B', 'C', 'D'] as const;

/** Two to four finished videos in step: side by side, or one of two wiped over the other. */
export function CompareScreen({ videos }: { videos: Video[] }) {
  const { compare, uncompare } = useActions();
  const still = useReducedMotion();
  const { leader, followers, register } = useElements(videos.map(({ id }) => id));
  const [wanted, setWanted] = useState(true);
  const wipes = wanted && videos.length === 2;
  const [at, setAt] = useState(50);
  const aspect = Math.max(...videos.map(({ size }) => aspectOf(size)));
  return (
    <InStepScreen
      lead={videos[0]!}
      leader={leader}
      followers={followers}
      keys={{
        ...(videos.length === 2 && { W: () => setWanted(!wipes) }),
        '-': () => uncompare(videos.at(-1)!),
        Escape: () => compare(null),
      }}
      style={
        {
          '--at': `${at}%`,
          '--columns-wide': columnsFor(videos.length, aspect, 16 / 9),
          '--columns-high': columnsFor(videos.length, aspect, 3 / 4),
        } as CSSProperties
      }
      below={
        <div className="compare-views">
          {videos.length === 2 && (
            <>
              <button type="button" aria-pressed={wipes} title="Wipe (W)" onClick={() => setWanted(true)}>
                Wipe
              </button>
              <button type="button" aria-pressed={!wipes} title="Side by side (W)" onClick={() => setWanted(false)}>
                Side by side
              </button>
            </>
          )}
          <button type="button" className="filled" onClick={() => compare(null)}>
            Done
          </button>
        </div>
      }
    >
      <div className={wipes ? 'picture-main compare compare-wipes' : 'compare compare-grid'}>
        {videos.map((video, index) => (
          <Side key={video.id} video={video} name={COMPARED_NAMES[index]!} register={register} plays={!still} />
        ))}
        {wipes && (
          <>
            <span className="compare-divider" />
            <input
              type="range"
              className="range-cover"
              aria-label="Divider"
              aria-valuetext={`${at} percent A`}
              value={at}
              onChange={(event) => setAt(Number(event.target.value))}
            />
          </>
        )}
      </div>
    </InStepScreen>
  );
}

interface SideProps {
  video: Video;
  name: (typeof COMPARED_NAMES)[number];
  register: (id: string, element: HTMLVideoElement | null) => void;
  plays: boolean;
}

function Side({ video, name, register, plays }: SideProps) {
  const { id } = video;
  const clip = useFile(contentPath(id, 'video'));
  const poster = useFile(contentPath(id, 'thumbnail'));
  const ref = useCallback((element: HTMLVideoElement | null) => register(id, element), [id, register]);
  return (
    <div className={`compare-side compare-${name.toLowerCase()}`}>
      <video
        ref={ref}
        src={clip.address ?? undefined}
        poster={poster.address ?? undefined}
        playsInline
        muted
        loop
        autoPlay={plays}
        aria-label={`${name}: ${video.prompt}`}
        onError={clip.onError}
      />
      <span className="compare-name numbers">
        {clip.failed ? `${name} cannot be loaded` : `${name} · seed ${video.seed}`}
      </span>
    </div>
  );
}
