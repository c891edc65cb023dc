import type { Video } from '../../client/types.ts';
import { clockText } from '../../format/time.ts';
import { IconButton } from '../elements/icon-button.tsx';
import {
  CameraIcon,
  FrameBackIcon,
  FrameForwardIcon,
  FullscreenIcon,
  LoopIcon,
  PauseIcon,
  PlayIcon,
} from '../elements/icons.tsx';
import { Menu } from '../elements/menu.tsx';
import { type Playback, type PlaybackControls, RATES } from './use-playback.ts';
import './transport.css';

/** What the strip shows. */
export type StripView = 'frames' | 'denoising';

interface Props {
  video: Video;
  playback: Playback;
  controls: PlaybackControls;
  onFullscreen: () => void;
  /** What the strip shows; absent where there is nothing to choose. */
  view?: { shown: StripView; onShow: (view: StripView) => void } | undefined;
  /** Absent where there are several frames at a time. */
  frameFiles?: { copy: () => void; save: () => void };
}

/** The buttons of the player. */
export function Transport({ video, playback, controls, onFullscreen, view, frameFiles }: Props) {
  const { playing, frame, rate, looping, range } = playback;
  const { fps, num_frames: frames } = video;
  return (
    <div className="transport" role="group" aria-label="Player">
      <IconButton name={playing ? 'Pause' : 'Play'} keyName="K" onClick={controls.toggle}>
        {playing ? <PauseIcon /> : <PlayIcon />}
      </IconButton>
      <IconButton className="wide-only" name="Previous frame" keyName="," onClick={() => controls.step(-1)}>
        <FrameBackIcon />
      </IconButton>
      <IconButton className="wide-only" name="Next frame" keyName="." onClick={() => controls.step(1)}>
        <FrameForwardIcon />
      </IconButton>
      <span className="transport-time numbers">
        {clockText(frame / fps)}{' '}
        <span>
          / {clockText(frames / fps)}
          <span className="wide-only"> · frame {frame + 1}</span>
        </span>
      </span>
      <span className="transport-end">
        {view && <StripViews view={view.shown} onView={view.onShow} />}
        {range !== null && (
          <button type="button" onClick={controls.loopAll}>
            Loop all
          </button>
        )}
        <Menu
          label={`Speed: ${rate}×`}
          className="icon-only numbers wide-only"
          items={RATES.map((speed) => ({ name: `${speed}×`, run: () => controls.setRate(speed) }))}
        >
          {rate}×
        </Menu>
        <IconButton name="Loop" keyName="Shift L" pressed={looping} onClick={controls.toggleLoop}>
          <LoopIcon />
        </IconButton>
        {frameFiles && (
          <Menu
            label="Frame"
            className="icon-only wide-only"
            items={[
              { name: 'Copy frame', keyName: 'C', run: frameFiles.copy },
              { name: 'Save frame', keyName: 'Shift C', run: frameFiles.save },
            ]}
          >
            <CameraIcon />
          </Menu>
        )}
        <IconButton name="Fullscreen" keyName="F" onClick={onFullscreen}>
          <FullscreenIcon />
        </IconButton>
      </span>
    </div>
  );
}

function StripViews({ view, onView }: { view: StripView; onView: (view: StripView) => void }) {
  const choices: [StripView, string][] = [
    ['frames', 'Frames'],
    ['denoising', 'Denoising'],
  ];
  return (
    <span className="transport-views wide-only" role="group" aria-label="Strip">
      {choices.map(([value, name]) => (
        <button key={value} type="button" aria-pressed={view === value} onClick={() => onView(value)}>
          {name}
        </button>
      ))}
    </span>
  );
}
