import { AV_PIX_FMT_BGRA, FF_ENCODER_LIBWEBP } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { encodePicture, jpeg, type PictureFormat } from './picture-encoder.ts';
import type { VideoSpec } from '../contract/video-job.ts';
import { FrameFilter } from './frame-filter.ts';
import { spritesheetLayout, thumbnailFrame } from './still-layout.ts';

const WEBP: PictureFormat = {
  codec: FF_ENCODER_LIBWEBP,
  pixelFormat: AV_PIX_FMT_BGRA,
  options: { quality: '85', compression_level: '4' },
};

/** Makes one still picture out of frames of the clip. */
export class StillWriter {
  #filter: FrameFilter;
  #frames: Set<number>;
  #format: PictureFormat;
  #picture: Buffer | null = null;

  private constructor(filter: FrameFilter, frames: number[], format: PictureFormat) {
    this.#filter = filter;
    this.#frames = new Set(frames);
    this.#format = format;
  }

  /** The thumbnail: one frame in full size, WebP. */
  static async thumbnail(spec: VideoSpec, generated: { width: number; height: number }): Promise<StillWriter> {
    const chain = `crop=${spec.width}:${spec.height},format=bgra`;
    return new StillWriter(await FrameFilter.open(chain, generated), [thumbnailFrame(spec)], WEBP);
  }

  /** The spritesheet: frames spread over the clip, JPEG; see {@link spritesheetLayout}. */
  static async spritesheet(spec: VideoSpec, generated: { width: number; height: number }): Promise<StillWriter> {
    const { columns, rows, tileWidth, tileHeight, frames } = spritesheetLayout(spec);
    const scale = 'flags=bicubic+accurate_rnd+full_chroma_int+bitexact';
    const chain = [
      `crop=${spec.width}:${spec.height}`,
      `scale=${tileWidth}:${tileHeight}:${scale}`,
      `tile=${columns}x${rows}`,
      `scale=out_color_matrix=bt601:out_range=pc:${scale}`,
      'format=yuvj444p',
    ].join(',');
    return new StillWriter(await FrameFilter.open(chain, generated), frames, jpeg(3));
  }

  /** Takes frame `index` of the clip if it belongs to the picture. */
  async write(frame: Frame, index: number): Promise<void> {
    if (this.#frames.has(index)) await this.#filter.push(frame, (still) => this.#encode(still));
  }

  /** @returns the picture's file */
  async finish(): Promise<Buffer> {
    if (this.#picture === null) await this.#filter.push(null, (still) => this.#encode(still));
    if (this.#picture === null) throw new Error('the clip ended before the frames of its still picture');
    return this.#picture;
  }

  close(): void {
    this.#filter.close();
  }

  async #encode(still: Frame): Promise<void> {
    this.#picture = await encodePicture(still, this.#format);
  }
}
