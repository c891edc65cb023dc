import { type CSSProperties, useCallback, useRef, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { aspectOf } from '../../format/facts.ts';
import { phaseText } from '../../format/phases.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useKeys } from '../../state/use-keys.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { toggleFullscreen } from './fullscreen.ts';
import { Scrubber } from './strip.tsx';
import { Transport } from './transport.tsx';
import { useInStep } from './use-in-step.ts';
import { usePlayback } from './use-playback.ts';
import './group-screen.css';

/** The videos of a group side by side, in step with the first that is completed. A click chooses one. */
export function GroupScreen({ videos, onChoose }: { videos: Video[]; onChoose: (video: Video) => void }) {
  const { attempt } = useActions();
  const still = useReducedMotion();
  const completed = videos.filter(({ status }) => status === 'completed');
  const [elements, setElements] = useState<ReadonlyMap<string, HTMLVideoElement>>(new Map());
  const lead = completed[0] ?? videos[0]!;
  const leader = elements.get(lead.id) ?? null;
  const [followers, setFollowers] = useState<HTMLVideoElement[]>([]);
  const others = completed.slice(1).flatMap(({ id }) => elements.get(id) ?? []);
  if (others.length !== followers.length || others.some((element, at) => element !== followers[at]))
    setFollowers(others);
  const [playback, controls] = usePlayback(leader, lead.num_frames, lead.fps, !still);
  const sheet = useFile(completed.length > 0 ? contentPath(lead.id, 'spritesheet') : null);
  const root = useRef<HTMLDivElement>(null);
  useInStep(leader, followers);
  const register = useCallback(
    (id: string, element: HTMLVideoElement | null) =>
      setElements((old) => {
        if ((old.get(id) ?? null) === element) return old;
        const next = new Map(old);
        if (element === null) next.delete(id);
        else next.set(id, element);
        return next;
      }),
    [],
  );
  const fullscreen = () => attempt(toggleFullscreen(root.current!));
  useKeys({
    K: controls.toggle,
    ' ': controls.toggle,
    ',': () => controls.step(-1),
    '.': () => controls.step(1),
    F: fullscreen,
  });

  return (
    <div ref={root} className="screen" style={{ '--aspect': aspectOf(lead.size) } as CSSProperties}>
      <div className="picture">
        <ul className="group-grid" style={{ '--columns': Math.ceil(Math.sqrt(videos.length)) } as CSSProperties}>
          {videos.map((video, at) => (
            <li key={video.id}>
              <Tile video={video} name={at + 1} plays={!still} register={register} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      </div>
      <Scrubber
        video={lead}
        sheet={sheet.failed ? null : sheet.address}
        frame={playback.frame}
        range={playback.range}
        onSeek={controls.seek}
      />
      <Transport video={lead} playback={playback} controls={controls} onFullscreen={fullscreen} />
    </div>
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
  return (
    <button type="button" className="group-tile" aria-label={`Variation ${name}`} onClick={() => onChoose(video)}>
      {clip.address !== null && !clip.failed ? (
        <video
          ref={ref}
          src={clip.address}
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
      <span className="group-number" aria-hidden="true">
        {name}
      </span>
    </button>
  );
}
