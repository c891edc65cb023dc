import { type ReactNode, useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath, previewPath } from '../../client/videos.ts';
import { aspectOf } from '../../format/facts.ts';
import { useFile } from '../../state/use-file.ts';
import './picture.css';

/** The finished video, or the newest preview. The last preview stays until the video can be played. */
export function Picture({ video }: { video: Video }) {
  const [settled, setSettled] = useState(false);
  const settle = useCallback(() => setSettled(true), []);
  const preview = usePreview(video);
  const completed = video.status === 'completed';
  const unfinished = video.status === 'queued' || video.status === 'in_progress';
  const shown = (unfinished || (completed && !settled)) && preview.address !== null;
  if (!unfinished && !completed) return null;
  return (
    <Frame size={video.size} busy={unfinished && !shown}>
      {shown && <img src={preview.address ?? ''} alt={previewText(video)} className="picture-preview" />}
      {completed && <Player video={video} onSettled={settle} />}
    </Frame>
  );
}

const previewText = ({ preview_step }: Video) =>
  preview_step == null ? 'The last preview' : `Preview after step ${preview_step}`;

interface FrameProps {
  /** `WxH`. */
  size: string;
  /** Animated, as nothing is there to show yet. */
  busy: boolean;
  children: ReactNode;
}

/** Has the video's aspect ratio from the start, so that nothing moves when the picture loads. */
function Frame({ size, busy, children }: FrameProps) {
  const aspect = aspectOf(size);
  return (
    <div className={busy ? 'frame frame-busy' : 'frame'}>
      <div className="frame-inner" style={{ aspectRatio: aspect, maxWidth: `calc(var(--frame-height) * ${aspect})` }}>
        {children}
      </div>
    </div>
  );
}

/** The newest preview; once the API offers none any more, the last one. */
function usePreview({ id, status, phase, preview_step }: Video) {
  const [last, setLast] = useState<string | null>(null);
  // The step is in the address, so that each preview has its own.
  const newest = preview_step == null ? null : `${previewPath(id)}?step=${preview_step}`;
  const kept = status === 'in_progress' || status === 'completed' ? last : null;
  // After a reload, the page does not know the last step.
  const reloaded = phase === 'encoding' || phase === 'uploading' ? previewPath(id) : null;
  const path = newest ?? kept ?? reloaded;
  if (path !== last) setLast(path);
  return useFile(path, true);
}

/** @param onSettled stable function; called when the video can be played, or turns out to be unavailable */
function Player({ video, onSettled }: { video: Video; onSettled: () => void }) {
  const still = useReducedMotion();
  const clip = useFile(contentPath(video.id, 'video'));
  const poster = useFile(contentPath(video.id, 'thumbnail'));
  const { failed } = clip;
  useEffect(() => {
    if (failed) onSettled();
  }, [failed, onSettled]);
  if (failed) {
    return (
      <p>
        The file of this video cannot be loaded. It may have been removed. “Again, same seed” generates the same video.
      </p>
    );
  }
  return (
    <video
      src={clip.address ?? undefined}
      poster={poster.address ?? undefined}
      controls
      playsInline
      muted
      loop={!still}
      autoPlay={!still}
      aria-label={video.prompt}
      onLoadedData={onSettled}
      onError={clip.onError}
    />
  );
}

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

function subscribe(listener: () => void) {
  reducedMotion.addEventListener('change', listener);
  return () => reducedMotion.removeEventListener('change', listener);
}

/** True where the viewer's system asks for no motion. */
const useReducedMotion = (): boolean => useSyncExternalStore(subscribe, () => reducedMotion.matches);
