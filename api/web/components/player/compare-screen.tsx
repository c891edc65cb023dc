import { type CSSProperties, useMemo, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { InStepScreen } from './in-step-screen.tsx';
import './compare-screen.css';

/** Two finished videos in step: one wiped over the other, or side by side. */
export function CompareScreen({ a, b }: { a: Video; b: Video }) {
  const { compare } = useActions();
  const still = useReducedMotion();
  const [leader, setLeader] = useState<HTMLVideoElement | null>(null);
  const [follower, setFollower] = useState<HTMLVideoElement | null>(null);
  const followers = useMemo(() => (follower === null ? [] : [follower]), [follower]);
  const [wipes, setWipes] = useState(true);
  const [at, setAt] = useState(50);
  return (
    <InStepScreen
      lead={a}
      leader={leader}
      followers={followers}
      keys={{ W: () => setWipes(!wipes), Escape: () => compare(null) }}
      style={{ '--at': `${at}%` } as CSSProperties}
      below={
        <div className="compare-views">
          <button type="button" aria-pressed={wipes} title="Wipe (W)" onClick={() => setWipes(true)}>
            Wipe
          </button>
          <button type="button" aria-pressed={!wipes} title="Side by side (W)" onClick={() => setWipes(false)}>
            Side by side
          </button>
          <button type="button" className="filled" onClick={() => compare(null)}>
            Done
          </button>
        </div>
      }
    >
      <div className={wipes ? 'picture-main compare compare-wipes' : 'compare'}>
        <Side video={a} name="A" element={setLeader} plays={!still} />
        <Side video={b} name="B" element={setFollower} plays={!still} />
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
  name: 'A' | 'B';
  element: (element: HTMLVideoElement | null) => void;
  plays: boolean;
}

function Side({ video, name, element, plays }: SideProps) {
  const clip = useFile(contentPath(video.id, 'video'));
  const poster = useFile(contentPath(video.id, 'thumbnail'));
  return (
    <div className={`compare-side compare-${name.toLowerCase()}`}>
      <video
        ref={element}
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
