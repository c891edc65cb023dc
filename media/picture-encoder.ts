import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ444P,
  type AVPixelFormat,
  type FFEncoderCodec,
  FF_ENCODER_MJPEG,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FFmpegError, Packet, Rational, type Frame } from 'node-av/lib';

export interface PictureFormat {
  codec: FFEncoderCodec;
  /** Of the frame that is encoded. */
  pixelFormat: AVPixelFormat;
  /** The encoder's own options, as ffmpeg's command line names them. */
  options: Record<string, string>;
  /** Sets what is not an option of the encoder, before it is opened. */
  configure?: (context: CodecContext) => void;
}

/** JPEG, colours in full size. @param quantiser 1 (best) to 31 */
export const jpeg = (quantiser: number): PictureFormat => ({
  codec: FF_ENCODER_MJPEG,
  pixelFormat: AV_PIX_FMT_YUVJ444P,
  options: { huffman: 'optimal' },
  configure: (context) => {
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    // In FFmpeg's units, FF_QP2LAMBDA of them for each step.
    context.globalQuality = quantiser * 118;
  },
});

/** Encodes one frame into a picture file. */
export async function encodePicture(frame: Frame, format: PictureFormat): Promise<Buffer> {
  const encoder = Codec.findEncoderByName(format.codec);
  if (!encoder) throw new Error(`this build of FFmpeg has no encoder ${format.codec}`);
  const codec = new CodecContext();
  const packet = new Packet();
  try {
    packet.alloc();
    codec.allocContext3(encoder);
    codec.width = frame.width;
    codec.height = frame.height;
    codec.pixelFormat = format.pixelFormat;
    codec.timeBase = new Rational(1, 1);
    codec.threadCount = 1;
    codec.setFlags(AV_CODEC_FLAG_BITEXACT);
    format.configure?.(codec);
    FFmpegError.throwIfError(await codec.open2(encoder, Dictionary.fromObject(format.options)), 'open picture encoder');
    frame.pts = 0n;
    FFmpegError.throwIfError(await codec.sendFrame(frame), 'encode picture');
    FFmpegError.throwIfError(await codec.sendFrame(null), 'flush picture encoder');
    FFmpegError.throwIfError(await codec.receivePacket(packet), 'take picture');
    return Buffer.from(packet.data ?? []);
  } finally {
    packet.free();
    codec.freeContext();
  }
}
