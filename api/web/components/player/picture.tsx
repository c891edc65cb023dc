import { useCallback, useEffect, useState } from 'react';
import type { Video } from '../../client/types.ts';
import { contentPath, previewPath } from '../../client/videos.ts';
import { useFile } from '../../state/use-file.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { Frame } from './frame.tsx';
import './picture.css';

/** The video itself, or what there is of it so far. The last preview stays until the video can be seen. */
export function Picture({ video }: { video: Video }) {
  const [settled, setSettled] = useState(false);
  const settle = useCallback(() => setSettled(true), []);
  const preview = usePreview(video);
  const completed = video.status === 'completed';
  const waiting = video.status === 'queued' || video.status === 'in_progress';
  const shown = (waiting || (completed && !settled)) && preview.address !== null;
  if (!waiting && !completed) return null;
  return (
    <Frame size={video.size} busy={waiting && !shown}>
      {shown && <img src={preview.address ?? ''} alt={previewText(video)} className="picture-preview" />}
      {completed && <Player video={video} onSettled={settle} />}
    </Frame>
  );
}

const previewText = ({ preview_step }: Video) =>
  preview_step == null ? 'The last preview' : `Preview after step ${preview_step}`;

/** Newest picture out of the latents, or the last one there was. */
function usePreview({ id, status, phase, preview_step }: Video) {
  // A new step is a new address; that of the last one stays, as there is none once the frames are made.
  const [last, setLast] = useState<string | null>(null);
  const newest = preview_step == null ? null : `${previewPath(id)}?step=${preview_step}`;
  const kept = status === 'in_progress' || status === 'completed' ? last : null;
  // After a reload the page has seen none of them.
  const unseen = phase === 'encoding' || phase === 'uploading' ? previewPath(id) : null;
  const path = newest ?? kept ?? unseen;
  if (path !== last) setLast(path);
  return useFile(path, true);
}

/** @param onSettled stable; called once it can be seen, or never will */
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
      <p>The file of this video cannot be loaded. It may have been removed; “again, same seed” makes it once more.</p>
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
