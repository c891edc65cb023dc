import { AVERROR_EAGAIN, AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FFmpegError, FormatContext, Frame, Packet, type Stream } from 'node-av/lib';
import { check, logErrorsOnly } from './ffmpeg.ts';

export interface VideoReader {
  /** The file's one video stream. */
  readonly stream: Stream;
  readonly format: FormatContext;
  /** Every frame in order. A frame is valid until the next one is asked for; leaving the loop frees everything. */
  frames: () => AsyncGenerator<Frame, void, undefined>;
}

/**
 * Opens a local video file for decoding from its beginning. Damage that FFmpeg's decoder reports is an error, not a grey
 * frame. Everything that takes time runs off the event loop.
 *
 * @param read is given the reader, and all of it is freed when `read` has ended
 * @param threads of the decoder
 * @throws {FFmpegError} where the file cannot be opened or decoded
 */
export async function readVideo<T>(path: string, read: (reader: VideoReader) => Promise<T>, threads = 2): Promise<T> {
  logErrorsOnly();
  const format = new FormatContext();
  const codec = new CodecContext();
  const packet = new Packet();
  const frame = new Frame();
  try {
    format.allocContext();
    await check('open', format.openInput(path));
    await check('probe', format.findStreamInfo());
    const index = await check('find video', format.findBestStream(AVMEDIA_TYPE_VIDEO));
    const stream = format.streams[index]!;
    const decoder = Codec.findDecoder(stream.codecpar.codecId);
    if (!decoder) throw new Error(`this build of FFmpeg has no decoder for the video of ${path}`);
    codec.allocContext3(decoder);
    await check('configure decoder', codec.parametersToContext(stream.codecpar));
    codec.threadCount = threads;
    const strict = Dictionary.fromObject({ err_detect: 'crccheck+bitstream+buffer+explode' });
    await check('open decoder', codec.open2(decoder, strict));
    packet.alloc();
    frame.alloc();
    return await read({ stream, format, frames: () => decode(format, codec, packet, frame, index) });
  } finally {
    frame.free();
    packet.free();
    codec.freeContext();
    await format.closeInput();
  }
}

async function* decode(format: FormatContext, codec: CodecContext, packet: Packet, frame: Frame, index: number) {
  for (let ended = false; !ended;) {
    const ret = await format.readFrame(packet);
    ended = ret === AVERROR_EOF;
    if (!ended) FFmpegError.throwIfError(ret, 'read');
    if (!ended && packet.streamIndex !== index) {
      packet.unref();
      continue;
    }
    await check('decode', codec.sendPacket(ended ? null : packet));
    packet.unref();
    for (;;) {
      const got = await codec.receiveFrame(frame);
      if (got === AVERROR_EAGAIN || got === AVERROR_EOF) break;
      FFmpegError.throwIfError(got, 'decode');
      if (frame.decodeErrorFlags !== 0) throw new Error('a frame is damaged');
      yield frame;
      frame.unref();
    }
  }
}
