import { useEffect, useMemo, useRef, useState } from 'react';

/** Frames, both inclusive, that are played again and again. */
export interface LoopRange {
  from: number;
  to: number;
}

export interface Playback {
  /** The frame that is shown. */
  frame: number;
  playing: boolean;
  /** Negative plays backwards. */
  rate: number;
  looping: boolean;
  /** null for the whole video. */
  range: LoopRange | null;
}

export interface PlaybackControls {
  toggle: () => void;
  /** Pauses at a frame. */
  seek: (frame: number) => void;
  /** Moves by this number of frames. */
  step: (frames: number) => void;
  setRate: (rate: number) => void;
  slower: () => void;
  faster: () => void;
  toggleLoop: () => void;
  /** Begins or ends the range at the frame that is shown. */
  loopFrom: () => void;
  loopTo: () => void;
  loopAll: () => void;
}

export const RATES = [-1, -0.5, -0.25, 0.25, 0.5, 1, 1.5, 2];

/**
 * Plays a video frame by frame.
 *
 * @param element null until it is there
 * @param frames number of frames
 * @param fps frames per second
 * @param loops whether it begins again at its end, until that is changed
 */
export function usePlayback(
  element: HTMLVideoElement | null,
  frames: number,
  fps: number,
  loops: boolean,
): [Playback, PlaybackControls] {
  const [state, setState] = useState<Playback>({ frame: 0, playing: false, rate: 1, looping: loops, range: null });
  const latest = useRef(state);
  latest.current = state;
  const change = (part: Partial<Playback>) => setState((old) => ({ ...old, ...part }));

  useEffect(() => {
    if (element === null) return;
    let request = 0;
    const show = (seconds: number) => {
      const frame = Math.min(frames - 1, Math.max(0, Math.round(seconds * fps)));
      const { range, rate } = latest.current;
      if (range !== null && rate > 0 && !element.paused && frame >= range.to)
        element.currentTime = timeOf(range.from, fps);
      setState((old) => (old.frame === frame ? old : { ...old, frame }));
    };
    const follow = () => {
      request = element.requestVideoFrameCallback((_, { mediaTime }) => {
        show(mediaTime);
        follow();
      });
    };
    const playing = () => change({ playing: true });
    const paused = () => latest.current.rate > 0 && change({ playing: false });
    if (!element.paused) playing();
    follow();
    element.addEventListener('play', playing);
    element.addEventListener('pause', paused);
    return () => {
      element.cancelVideoFrameCallback(request);
      element.removeEventListener('play', playing);
      element.removeEventListener('pause', paused);
    };
  }, [element, frames, fps]);

  const { playing, rate, looping, range } = state;
  useEffect(() => {
    if (element !== null) element.loop = looping;
  }, [element, looping]);
  // No browser plays backwards by itself.
  useEffect(() => {
    if (element === null || !playing || rate > 0) return;
    element.pause();
    const timer = setInterval(
      () => {
        const { frame } = latest.current;
        const first = range?.from ?? 0;
        if (frame <= first && !looping) change({ playing: false });
        else element.currentTime = timeOf(frame <= first ? (range?.to ?? frames - 1) : frame - 1, fps);
      },
      1000 / (fps * -rate),
    );
    return () => clearInterval(timer);
  }, [element, playing, rate, looping, range, frames, fps]);

  const controls = useMemo<PlaybackControls>(() => {
    const seek = (frame: number) => {
      if (element === null) return;
      element.pause();
      const to = Math.min(frames - 1, Math.max(0, frame));
      element.currentTime = timeOf(to, fps);
      change({ playing: false, frame: to });
    };
    const setRate = (next: number) => {
      change({ rate: next });
      if (element === null || next < 0) return;
      element.playbackRate = next;
      if (latest.current.playing) void element.play().catch(() => {});
    };
    const turn = (by: number) => {
      const at = RATES.indexOf(latest.current.rate);
      setRate(RATES[Math.min(RATES.length - 1, Math.max(0, at + by))]!);
    };
    return {
      seek,
      setRate,
      step: (by) => seek(latest.current.frame + by),
      toggle: () => {
        if (element === null) return;
        const { playing: plays, rate: at } = latest.current;
        if (plays) element.pause();
        else if (at > 0) void element.play().catch(() => {});
        change({ playing: !plays });
      },
      slower: () => turn(-1),
      faster: () => turn(1),
      toggleLoop: () => change({ looping: !latest.current.looping }),
      loopFrom: () => {
        const { frame, range: old } = latest.current;
        change({ range: { from: frame, to: Math.max(frame, old?.to ?? frames - 1) }, looping: true });
      },
      loopTo: () => {
        const { frame, range: old } = latest.current;
        change({ range: { from: Math.min(frame, old?.from ?? 0), to: frame }, looping: true });
      },
      loopAll: () => change({ range: null }),
    };
  }, [element, frames, fps]);
  return [state, controls];
}

/** In the middle of a frame, where no rounding leads to its neighbour; in seconds. */
const timeOf = (frame: number, fps: number): number => (frame + 0.5) / fps;
