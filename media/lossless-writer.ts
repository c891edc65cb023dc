import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import {
  AV_PIX_FMT_BGR0,
  AV_PIX_FMT_RGB24,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
  FF_ENCODER_FFV1,
  SWS_POINT,
} from 'node-av/constants';
import { FFmpegError, Frame, SoftwareScaleContext } from 'node-av/lib';
import { frameRate } from './frame-rate.ts';
import { VideoWriter } from './video-writer.ts';

export interface LosslessShape {
  /** Pixels. */
  width: number;
  height: number;
  /** Frames a second. */
  fps: number;
}

/**
 * Packs RGB frames, as they come, into one lossless file: FFV1 (version 3, every frame on its own, with checksums) in
 * Matroska. The bytes come out of {@link LosslessWriter.stream} while frames still go in:
 *
 * ```ts
 * const writer = await LosslessWriter.open({ width, height, fps });
 * const stored = store.put(key, writer.stream, { contentType: LOSSLESS_CONTENT_TYPE, signal });
 * try {
 *   for await (const chunk of frames) await writer.write(chunk.data);
 *   framesSha256 = await writer.finish();
 * } catch (error) {
 *   await writer.abort(error);   // `stored` rejects too, and nothing becomes visible under the key
 *   await stored.catch(() => {});
 *   throw error;
 * }
 * await stored;
 * ```
 *
 * While the reader is slow, a write holds one of libuv's four threads: at most two writers in a process.
 */
export class LosslessWriter {
  /** The file. Destroying it, e.g. by a failed upload, makes the next `write` or `finish` throw its error. */
  readonly stream: Readable;

  #shape: LosslessShape;
  #video: VideoWriter;
  #pipe: PassThrough;
  #converter: SoftwareScaleContext;
  #packed: Frame;
  #hash = createHash('sha256');
  #closed = false;
  /** What FFmpeg is at work on; its memory must not be freed before. */
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(shape: LosslessShape, video: VideoWriter, pipe: PassThrough) {
    this.#shape = shape;
    this.#video = video;
    this.#pipe = pipe;
    this.stream = pipe;
    this.#converter = new SoftwareScaleContext();
    const { width, height } = shape;
    this.#converter.getContext(width, height, AV_PIX_FMT_RGB24, width, height, AV_PIX_FMT_BGR0, SWS_POINT);
    this.#packed = new Frame();
    this.#packed.alloc();
    this.#packed.width = width;
    this.#packed.height = height;
    this.#packed.format = AV_PIX_FMT_BGR0;
    FFmpegError.throwIfError(this.#packed.getBuffer(), 'allocate frame');
  }

  static async open(shape: LosslessShape): Promise<LosslessWriter> {
    const pipe = new PassThrough({ highWaterMark: 1 << 20 });
    // The error reaches the writer's caller through `write`; a stream without a reader must not end the process.
    pipe.on('error', () => {});
    const video = await VideoWriter.open({
      codec: FF_ENCODER_FFV1,
      codecOptions: { level: '3', slices: '4', slicecrc: '1' },
      // FFV1's only 8-bit RGB layout; its colour transform is reversible.
      pixelFormat: AV_PIX_FMT_BGR0,
      width: shape.width,
      height: shape.height,
      rate: frameRate(shape.fps),
      threads: 2,
      configure: (context) => {
        context.gopSize = 1;
        context.colorSpace = AVCOL_SPC_RGB;
        context.colorRange = AVCOL_RANGE_JPEG;
      },
      container: 'matroska',
      output: (bytes) => push(pipe, bytes),
    });
    return new LosslessWriter(shape, video, pipe);
  }

  /** Frames written so far. */
  get frames(): number {
    return this.#video.frames;
  }

  /**
   * Adds frames; returns once the encoder has taken them, which waits for the reader of `stream`.
   *
   * @param rgb `[frames, height, width, 3]`, 0 .. 255
   * @throws {RangeError} for anything but whole frames; the stream's own error where its reader gave up
   */
  async write(rgb: Uint8Array): Promise<void> {
    const { width, height } = this.#shape;
    const frameBytes = width * height * 3;
    if (rgb.length % frameBytes !== 0) {
      throw new RangeError(`${rgb.length} bytes are not a whole number of ${width}x${height} RGB frames`);
    }
    await this.#exclusive(() => this.#writeFrames(rgb, frameBytes));
  }

  /**
   * Completes the file and ends the stream.
   *
   * @returns SHA-256 of all RGB bytes, hex. FFmpeg's decoder hides damaged data, so readers compare with this.
   */
  async finish(): Promise<string> {
    await this.#exclusive(() => this.#video.finish());
    await this.#close();
    this.#pipe.end();
    return this.#hash.digest('hex');
  }

  /** Gives up: the stream fails with `reason`, so that its reader keeps nothing. Harmless after `finish`. */
  async abort(reason: unknown): Promise<void> {
    if (!this.#pipe.writableEnded) this.#pipe.destroy(reason instanceof Error ? reason : new Error(String(reason)));
    await this.#busy.catch(() => {});
    await this.#close();
  }

  async #writeFrames(rgb: Uint8Array, frameBytes: number): Promise<void> {
    const props = { width: this.#shape.width, height: this.#shape.height, format: AV_PIX_FMT_RGB24 };
    for (let at = 0; at < rgb.length; at += frameBytes) {
      const bytes = Buffer.from(rgb.buffer, rgb.byteOffset + at, frameBytes);
      this.#hash.update(bytes);
      const source = Frame.fromVideoBuffer(bytes, props);
      try {
        FFmpegError.throwIfError(this.#packed.makeWritable(), 'reuse frame');
        FFmpegError.throwIfError(await this.#converter.scaleFrame(this.#packed, source), 'pack RGB');
      } finally {
        source.free();
      }
      await this.#video.write(this.#packed);
    }
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the writer is closed'));
    const result = this.#busy.then(work);
    this.#busy = result.catch(() => {});
    return result;
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#packed.free();
    this.#converter.freeContext();
    await this.#video.close();
  }
}

export const LOSSLESS_CONTENT_TYPE = 'video/x-matroska';

/** Resolves when `pipe` wants more; rejects when its reader has gone. */
function push(pipe: PassThrough, bytes: Buffer): Promise<void> {
  if (pipe.destroyed) return Promise.reject(gone(pipe));
  if (pipe.write(bytes)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = () => {
      pipe.off('drain', settle).off('close', settle);
      if (pipe.destroyed) reject(gone(pipe));
      else resolve();
    };
    pipe.on('drain', settle).on('close', settle);
  });
}

const gone = (pipe: PassThrough): Error => pipe.errored ?? new Error('the reader of the frames stopped reading');
