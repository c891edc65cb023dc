import { AV_PIX_FMT_RGB24, AV_PIX_FMT_YUVJ444P, SWS_BICUBIC } from 'node-av/constants';
import { FFmpegError, Frame, SoftwareScaleContext } from 'node-av/lib';
import { withComment } from '../../media/jpeg-comment.ts';
import { logErrorsOnly } from '../../media/ffmpeg.ts';
import { encodePicture, jpeg } from '../../media/picture-encoder.ts';
import type { Picture } from './latent-picture.ts';

/** Longer side of a preview, in pixels. */
const SIDE = 256;

/**
 * A small picture, smoothly enlarged, as a JPEG that says which step it shows. Works off the event loop.
 *
 * @returns the file, about 5 KB
 */
export async function encodePreview({ data, width, height }: Picture, step: number): Promise<Uint8Array> {
  const scale = SIDE / Math.max(width, height);
  const frame = new Frame();
  const scaler = new SoftwareScaleContext();
  const source = Frame.fromVideoBuffer(Buffer.from(data), { width, height, format: AV_PIX_FMT_RGB24 });
  try {
    logErrorsOnly();
    frame.alloc();
    frame.width = Math.round(width * scale);
    frame.height = Math.round(height * scale);
    frame.format = AV_PIX_FMT_YUVJ444P;
    FFmpegError.throwIfError(frame.getBuffer(), 'allocate preview');
    scaler.getContext(width, height, AV_PIX_FMT_RGB24, frame.width, frame.height, AV_PIX_FMT_YUVJ444P, SWS_BICUBIC);
    FFmpegError.throwIfError(await scaler.scaleFrame(frame, source), 'scale preview');
    return withComment(await encodePicture(frame, jpeg(4)), `step ${step}`);
  } finally {
    source.free();
    frame.free();
    scaler.freeContext();
  }
}
