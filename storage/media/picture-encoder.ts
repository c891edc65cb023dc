import { AV_CODEC_FLAG_BITEXACT, type AVPixelFormat, type FFEncoderCodec } from 'node-av/constants';
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
