import { type CSSProperties, useCallback } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { phaseText } from '../../format/phases.ts';
import { useFile } from '../../state/use-file.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { InStepScreen } from './in-step-screen.tsx';
import { useElements } from './use-elements.ts';
import './group-screen.css';

/** The videos of a group side by side, in step with the first that is completed. A click chooses one. */
export function GroupScreen({ videos, onChoose }: { videos: Video[]; onChoose: (video: Video) => void }) {
  const still = useReducedMotion();
  const completed = videos.filter(({ status }) => status === 'completed');
  const { leader, followers, register } = useElements(completed.map(({ id }) => id));
  return (
    <InStepScreen lead={completed[0] ?? videos[0]!} leader={leader} followers={followers}>
      <ul className="group-grid" style={{ '--columns': Math.ceil(Math.sqrt(videos.length)) } as CSSProperties}>
        {videos.map((video, at) => (
          <li key={video.id}>
            <Tile video={video} name={at + 1} plays={!still} register={register} onChoose={onChoose} />
          </li>
        ))}
      </ul>
    </InStepScreen>
  );
}

interface TileProps {
  video: Video;
  /** Its place in the group, from 1 on. */
  name: number;
  plays: boolean;
  register: (id: string, element: HTMLVideoElement | null) => void;
  onChoose: (video: Video) => void;
}

function Tile({ video, name, plays, register, onChoose }: TileProps) {
  const { id, status } = video;
  const clip = useFile(status === 'completed' ? contentPath(id, 'video') : null);
  const poster = useFile(status === 'completed' ? contentPath(id, 'thumbnail') : null);
  const ref = useCallback((element: HTMLVideoElement | null) => register(id, element), [id, register]);
  const shown = clip.failed ? null : clip.address;
  return (
    <button type="button" className="group-tile" onClick={() => onChoose(video)}>
      <span className="group-number">
        <span className="visually-hidden">Variation </span>
        {name}
      </span>
      {shown !== null ? (
        <video
          ref={ref}
          src={shown}
          poster={poster.address ?? undefined}
          playsInline
          muted
          loop
          autoPlay={plays}
          onError={clip.onError}
        />
      ) : (
        <span>{phaseText(video)}</span>
      )}
    </button>
  );
}
