import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_FLAG_BITEXACT,
  AVFMT_FLAG_CUSTOM_IO,
  type AVPixelFormat,
  type FFEncoderCodec,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  type Frame,
  IOContext,
  Packet,
  Rational,
} from 'node-av/lib';
import { check, logErrorsOnly } from './ffmpeg.ts';
import type { FrameRate } from './frame-rate.ts';

export interface VideoWriterOptions {
  codec: FFEncoderCodec;
  /** The encoder's own options, as ffmpeg's command line names them. */
  codecOptions?: Record<string, string>;
  /** What the encoder is given. */
  pixelFormat: AVPixelFormat;
  /** Pixels. */
  width: number;
  height: number;
  rate: FrameRate;
  /** Fixed, not taken from the machine: an encoder's output may depend on it. */
  threads: number;
  /** Sets what is not an option of the encoder, e.g. colour tags, before it is opened. */
  configure?: (context: CodecContext) => void;
  /** Muxer's short name, e.g. `matroska`. */
  container: string;
  containerOptions?: Record<string, string>;
  metadata?: Record<string, string>;
  /** A path, or a function that takes the file's bytes in order (no seeking); its promise holds the encoder back. */
  output: string | ((bytes: Buffer) => Promise<void>);
}

/** Small things are gathered up to here before `output` is called. node-av never frees the buffer, so it is small. */
const IO_BUFFER_BYTES = 1 << 12;

/**
 * Encodes frames of constant rate into a file with one video stream. Everything that takes time runs off the event
 * loop. The bytes depend on the frames and options alone: no dates, no random ids, no library versions.
 */
export class VideoWriter {
  #codec: CodecContext;
  #format: FormatContext;
  #io: IOContext | null;
  #packet: Packet;
  #streamRate: Rational;
  #frames = 0n;
  #toFile: boolean;
  #failure: unknown;

  private constructor(codec: CodecContext, format: FormatContext, io: IOContext | null, toFile: boolean) {
    this.#codec = codec;
    this.#format = format;
    this.#io = io;
    this.#toFile = toFile;
    this.#packet = new Packet();
    this.#packet.alloc();
    this.#streamRate = codec.timeBase;
  }

  /** @throws {FFmpegError} where an option is refused or the path cannot be written */
  static async open(options: VideoWriterOptions): Promise<VideoWriter> {
    logErrorsOnly();
    const encoder = Codec.findEncoderByName(options.codec);
    if (!encoder) throw new Error(`this build of FFmpeg has no encoder ${options.codec}`);
    const codec = new CodecContext();
    const format = new FormatContext();
    const toFile = typeof options.output === 'string';
    const io = toFile ? null : new IOContext();
    const writer = new VideoWriter(codec, format, io, toFile);
    codec.allocContext3(encoder);
    codec.width = options.width;
    codec.height = options.height;
    codec.pixelFormat = options.pixelFormat;
    codec.timeBase = new Rational(options.rate.den, options.rate.num);
    codec.framerate = new Rational(options.rate.num, options.rate.den);
    codec.threadCount = options.threads;
    codec.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_BITEXACT);
    options.configure?.(codec);
    try {
      await check('open encoder', codec.open2(encoder, Dictionary.fromObject(options.codecOptions ?? {})));
      const path = typeof options.output === 'string' ? options.output : '';
      await check('open container', format.allocOutputContext2(null, options.container, path || null));
      format.setFlags(AVFMT_FLAG_BITEXACT);
      const stream = format.newStream(null);
      await check('describe stream', stream.codecpar.fromContext(codec));
      stream.timeBase = codec.timeBase;
      stream.avgFrameRate = codec.framerate;
      if (options.metadata) format.metadata = Dictionary.fromObject(options.metadata);
      if (io && typeof options.output === 'function') {
        io.allocContextWithCallbacks(IO_BUFFER_BYTES, 1, null, writer.#deliver(options.output), null);
        // Packets go to `output` whole, past the buffer.
        io.direct = 1;
        format.pb = io;
        format.setFlags(AVFMT_FLAG_CUSTOM_IO);
      } else {
        await check('open file', format.openOutput());
      }
      await check('write header', format.writeHeader(Dictionary.fromObject(options.containerOptions ?? {})));
      // The muxer may have chosen another time base while it wrote the header.
      writer.#streamRate = stream.timeBase;
    } catch (error) {
      await writer.close();
      throw error;
    }
    return writer;
  }

  /** Frames written so far. */
  get frames(): number {
    return Number(this.#frames);
  }

  /** Encodes the next frame; the caller keeps and frees it. */
  async write(frame: Frame): Promise<void> {
    frame.pts = this.#frames++;
    // A decoded frame says how it was coded, which an encoder takes for an order.
    frame.pictType = AV_PICTURE_TYPE_NONE;
    await this.#check('encode frame', this.#codec.sendFrame(frame));
    await this.#drain();
  }

  /** Flushes the encoder and completes the file; then only {@link close} is allowed. */
  async finish(): Promise<void> {
    await this.#check('flush encoder', this.#codec.sendFrame(null));
    await this.#drain();
    await this.#check('write trailer', this.#format.writeTrailer());
    await this.#format.flush();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Frees everything, finished or not. */
  async close(): Promise<void> {
    this.#packet.free();
    this.#codec.freeContext();
    if (this.#toFile) await this.#format.closeOutput();
    else this.#format.pb = null;
    this.#format.freeContext();
    this.#io?.freeContext();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const ret = await this.#codec.receivePacket(this.#packet);
      if (ret === AVERROR_EAGAIN || ret === AVERROR_EOF) return;
      FFmpegError.throwIfError(ret, 'encode');
      this.#packet.streamIndex = 0;
      if (this.#packet.duration === 0n) this.#packet.duration = 1n;
      this.#packet.rescaleTs(this.#codec.timeBase, this.#streamRate);
      await this.#check('write packet', this.#format.interleavedWriteFrame(this.#packet));
    }
  }

  /** FFmpeg only learns that its output failed; the error itself is kept and thrown by {@link #check}. */
  #deliver(output: (bytes: Buffer) => Promise<void>): (bytes: Buffer) => Promise<number> {
    return async (bytes) => {
      try {
        // FFmpeg uses its buffer again as soon as the call returns.
        await output(Buffer.from(bytes));
        return bytes.length;
      } catch (error) {
        this.#failure ??= error;
        return -5; // AVERROR(EIO)
      }
    };
  }

  async #check(operation: string, result: Promise<number> | number): Promise<void> {
    const ret = await result;
    if (this.#failure !== undefined) throw this.#failure;
    FFmpegError.throwIfError(ret, operation);
  }
}
