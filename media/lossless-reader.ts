import { createHash } from 'node:crypto';
import { AV_PIX_FMT_BGR0, AV_PIX_FMT_RGB24, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB, SWS_POINT } from 'node-av/constants';
import { FFmpegError, Frame, SoftwareScaleContext } from 'node-av/lib';
import { readVideo } from './video-reader.ts';

export interface LosslessSummary {
  /** Pixels. */
  width: number;
  height: number;
  frames: number;
  /** Of all RGB bytes, hex; equal to what the writer's `finish` returned unless the file is damaged. */
  sha256: string;
}

/**
 * Reads what {@link LosslessWriter} wrote, one frame at a time, exactly the bytes that went in.
 *
 * @param path local file
 * @param use is given `[height, width, 3]`, 0 .. 255, a new buffer for each frame, and the same pixels as full-range BGR0
 *   for FFmpeg's filters, valid until `use` returns
 * @throws {FFmpegError} where the file cannot be read as video at all
 */
export async function forEachLosslessFrame(
  path: string,
  use: (rgb: Buffer, index: number, frame: Frame) => void | Promise<void>,
): Promise<LosslessSummary> {
  return await readVideo(path, async ({ stream, frames }) => {
    const { width, height, format } = stream.codecpar;
    if (format !== AV_PIX_FMT_BGR0) throw new Error(`${path} does not hold lossless RGB frames`);
    const converter = new SoftwareScaleContext();
    const rgb = new Frame();
    const hash = createHash('sha256');
    let index = 0;
    try {
      converter.getContext(width, height, AV_PIX_FMT_BGR0, width, height, AV_PIX_FMT_RGB24, SWS_POINT);
      rgb.alloc();
      rgb.width = width;
      rgb.height = height;
      rgb.format = AV_PIX_FMT_RGB24;
      FFmpegError.throwIfError(rgb.getBuffer(), 'allocate frame');
      for await (const frame of frames()) {
        FFmpegError.throwIfError(await converter.scaleFrame(rgb, frame), 'unpack RGB');
        const bytes = rgb.toBuffer();
        hash.update(bytes);
        frame.colorSpace = AVCOL_SPC_RGB;
        frame.colorRange = AVCOL_RANGE_JPEG;
        await use(bytes, index++, frame);
      }
    } finally {
      rgb.free();
      converter.freeContext();
    }
    return { width, height, frames: index, sha256: hash.digest('hex') };
  });
}
