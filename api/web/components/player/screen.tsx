import { type CSSProperties, useRef, useState } from 'react';
import { isFinished, type Video } from '../../client/types.ts';
import { contentPath } from '../../client/videos.ts';
import { aspectOf } from '../../format/facts.ts';
import { useActions } from '../../state/actions.ts';
import { useFile } from '../../state/use-file.ts';
import { useKeys } from '../../state/use-keys.ts';
import { usePreviews } from '../../state/use-previews.ts';
import { useReducedMotion } from '../../state/use-reduced-motion.ts';
import { Ambient } from '../elements/ambient.tsx';
import { CancelButton } from '../video/cancel-button.tsx';
import { ProgressText } from '../video/progress.tsx';
import { copyFrame, saveFrame } from './frame-file.ts';
import { toggleFullscreen } from './fullscreen.ts';
import { FailedPicture, Preview, UnfinishedPicture } from './pictures.tsx';
import { playerKeys } from './player-keys.ts';
import { PreviewScrubber, PreviewStrip, ProgressStrip, Scrubber } from './strip.tsx';
import { type StripView, Transport } from './transport.tsx';
import { usePlayback } from './use-playback.ts';
import './screen.css';

/** The dark object that shows one video: a picture, a strip below it, and what belongs to the state that it is in. */
export function Screen({ video }: { video: Video }) {
  const previews = usePreviews(video);
  const latest = previews.at(-1)?.address ?? null;
  const { status } = video;
  return (
    <div className="screen" style={{ '--aspect': aspectOf(video.size) } as CSSProperties}>
      {status === 'completed' ? (
        <Player video={video} previews={previews} />
      ) : (
        <>
          <div className="picture">
            <Ambient address={latest} />
            {isFinished(video) ? (
              <FailedPicture video={video} />
            ) : (
              <UnfinishedPicture video={video} preview={previews.at(-1) ?? null} />
            )}
          </div>
          {isFinished(video) ? (
            <>
              <PreviewStrip video={video} previews={previews} />
              <div className="transport">
                <p className="transport-words">
                  <span>{video.error?.code === 'cancelled' ? 'Cancelled' : 'Failed'}</span>
                  {video.error?.code !== 'cancelled' && <span className="failure-code">{video.error?.code}</span>}
                </p>
              </div>
            </>
          ) : (
            <>
              <ProgressStrip video={video} previews={previews} />
              <div className="transport">
                <ProgressText video={video} />
                <CancelButton video={video} />
              </div>
            </>
          )}
        </>
      )}
    </div>
  );
}

/** A finished video, played. The last preview stays until the video can be played, then melts into it. */
function Player({ video, previews }: { video: Video; previews: ReturnType<typeof usePreviews> }) {
  const { attempt } = useActions();
  const still = useReducedMotion();
  const clip = useFile(contentPath(video.id, 'video'));
  const poster = useFile(contentPath(video.id, 'thumbnail'));
  const sheet = useFile(contentPath(video.id, 'spritesheet'));
  const [element, setElement] = useState<HTMLVideoElement | null>(null);
  const [playback, controls] = usePlayback(element, video.num_frames, video.fps, !still);
  const [preview, setPreview] = useState<'shown' | 'melting' | 'gone'>('shown');
  const [view, setView] = useState<StripView>('frames');
  const [previewAt, setPreviewAt] = useState(0);
  const root = useRef<HTMLDivElement>(null);
  const last = previews.at(-1);
  const examined = view === 'denoising' ? previews[Math.min(previewAt, previews.length - 1)] : undefined;

  const fullscreen = () => attempt(toggleFullscreen(root.current!.closest('.screen')!));
  const copy = () => attempt(copyFrame(video, playback.frame), 'Frame copied.');
  const save = () => attempt(saveFrame(video, playback.frame));
  const see = (next: StripView) => {
    if (next === 'denoising') element?.pause();
    setView(next);
  };
  useKeys(playerKeys(playback, controls, video, { fullscreen, copy, save }));

  if (clip.failed) {
    return (
      <div className="picture">
        <p className="notice">
          The file of this video cannot be loaded. It may have been removed. “Again” with the same seed generates the
          same video.
        </p>
      </div>
    );
  }
  return (
    <>
      <div ref={root} className="picture">
        <Ambient address={poster.failed ? null : poster.address} />
        <video
          ref={setElement}
          className="picture-main"
          src={clip.address ?? undefined}
          poster={poster.address ?? undefined}
          playsInline
          muted
          autoPlay={!still}
          aria-label={video.prompt}
          onClick={controls.toggle}
          onLoadedData={() => setPreview('melting')}
          onError={clip.onError}
        />
        {last && preview !== 'gone' && (
          <img
            className={
              preview === 'melting' ? 'picture-main picture-preview picture-melting' : 'picture-main picture-preview'
            }
            src={last.address}
            alt={preview === 'melting' ? '' : 'The last preview'}
            onTransitionEnd={() => setPreview('gone')}
          />
        )}
        {examined && <Preview preview={examined} steps={video.num_inference_steps} />}
      </div>
      {examined ? (
        <PreviewScrubber video={video} previews={previews} shown={previews.indexOf(examined)} onShow={setPreviewAt} />
      ) : (
        <Scrubber
          video={video}
          sheet={sheet.failed ? null : sheet.address}
          frame={playback.frame}
          range={playback.range}
          onSeek={controls.seek}
        />
      )}
      <Transport
        video={video}
        playback={playback}
        controls={controls}
        onFullscreen={fullscreen}
        view={previews.length > 1 ? { shown: view, onShow: see } : undefined}
        frameFiles={{ copy, save }}
      />
    </>
  );
}
