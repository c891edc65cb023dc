import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from 'node-av/constants';
import { frameRate } from './frame-rate.ts';
import { readVideo } from './video-reader.ts';
import type { VideoSpec } from '../contract/video-job.ts';

/**
 * Decodes a finished MP4 from end to end and holds it to the spec.
 *
 * @returns what is wrong with it, or null where it is what was asked for
 */
export async function faultOf(
  path: string,
  spec: VideoSpec,
  signal: AbortSignal,
  onFrame?: (frames: number) => void,
): Promise<string | null> {
  const { num, den } = frameRate(spec.fps);
  try {
    return await readVideo(path, async ({ stream, frames }) => {
      const { width, height, format, colorPrimaries, colorTrc, colorSpace, colorRange } = stream.codecpar;
      if (width !== spec.width || height !== spec.height) {
        return `it is ${width}x${height}, not ${spec.width}x${spec.height}`;
      }
      if (format !== AV_PIX_FMT_YUV420P) return 'its pixels are not yuv420p';
      if (
        colorPrimaries !== AVCOL_PRI_BT709 ||
        colorTrc !== AVCOL_TRC_BT709 ||
        colorSpace !== AVCOL_SPC_BT709 ||
        colorRange !== AVCOL_RANGE_MPEG
      ) {
        return 'its colours are not tagged as BT.709';
      }
      // Ticks of the file's clock in a frame; a fraction would mean that the rate is not exact.
      const ticks = (den * stream.timeBase.den) / (num * stream.timeBase.num);
      let count = 0;
      for await (const frame of frames()) {
        signal.throwIfAborted();
        if (Number(frame.pts) !== count * ticks)
          return `frame ${count} is shown at ${frame.pts}, not at ${count * ticks} of ${stream.timeBase.den}`;
        count++;
        onFrame?.(count);
      }
      if (count !== spec.numFrames) return `it has ${count} frames, not ${spec.numFrames}`;
      if (Number(stream.duration) !== count * ticks) return 'its duration is wrong';
      return null;
    });
  } catch (error) {
    signal.throwIfAborted();
    return `it does not decode: ${(error as Error).message}`;
  }
}
