import type { ModelProfile } from '../../contract/model-profile.ts';
import type { LengthPreset } from './schema.ts';
import { secondsOf } from '../spec/length.ts';

/** Lengths to choose from: a quarter and half of what the model was trained on, the default, all of it, the longest. */
export function lengthPresets({ defaultFrames, trainedFrames, maxFrames, defaultFps }: ModelProfile): LengthPreset[] {
  const onLattice = (frames: number) => 6 * Math.max(1, Math.round((frames - 1) / 6)) + 1;
  const frames = [onLattice(trainedFrames / 4), onLattice(trainedFrames / 2), defaultFrames, trainedFrames, maxFrames];
  return [...new Set(frames)]
    .filter((numFrames) => numFrames <= maxFrames)
    .toSorted((a, b) => a - b)
    .map((numFrames) => ({
      num_frames: numFrames,
      fps: defaultFps,
      seconds: secondsOf(numFrames, defaultFps),
      trained: numFrames <= trainedFrames,
    }));
}
