import type { Video } from '../client/types.ts';
import { contentPath, previewPath } from '../client/videos.ts';
import { useFile } from '../state/use-file.ts';
import { useReducedMotion } from '../state/use-reduced-motion.ts';
import { Frame } from './frame.tsx';
import './picture.css';

/** The video itself, or what there is of it so far. */
export function Picture({ video }: { video: Video }) {
  if (video.status === 'completed') return <Player video={video} />;
  return <Preview video={video} />;
}

function Player({ video }: { video: Video }) {
  const still = useReducedMotion();
  const clip = useFile(contentPath(video.id, 'video'));
  const poster = useFile(contentPath(video.id, 'thumbnail'));
  if (clip.failed) {
    return (
      <Frame size={video.size}>
        <p>The file of this video cannot be loaded. It may have been removed; “again, same seed” makes it once more.</p>
      </Frame>
    );
  }
  return (
    <Frame size={video.size}>
      <video
        src={clip.address ?? undefined}
        poster={poster.address ?? undefined}
        controls
        playsInline
        muted
        loop={!still}
        autoPlay={!still}
        aria-label={video.prompt}
        onError={clip.onError}
      />
    </Frame>
  );
}

/** The newest picture out of the latents; a calm surface while there is none. */
function Preview({ video }: { video: Video }) {
  const step = video.preview_step ?? null;
  // A new step is a new address.
  const preview = useFile(step === null ? null : `${previewPath(video.id)}?step=${step}`, true);
  const waiting = video.status === 'queued' || video.status === 'in_progress';
  if (!waiting && preview.address === null) return null;
  return (
    <Frame size={video.size} busy={waiting && preview.address === null}>
      {preview.address !== null && (
        <img src={preview.address} alt={`Preview after step ${step ?? ''}`} className="picture-preview" />
      )}
    </Frame>
  );
}
