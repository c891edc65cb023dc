import {
  type AVBufferSrcFlag,
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_BUFFERSRC_FLAG_PUSH,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants';
import { FFmpegError, FilterGraph, Frame, type FilterContext } from 'node-av/lib';
import { logErrorsOnly } from './ffmpeg.ts';

const KEEP_AND_PUSH = (AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_PUSH) as AVBufferSrcFlag;

/** How frames come: their size in pixels, and as FFmpeg names it what their values mean. */
export interface FrameInput {
  width: number;
  height: number;
  /** @default full-range RGB, as the lossless reader gives it */
  pixelFormat?: 'bgr0' | 'bgra' | 'yuv420p';
}

/** Frames of a finished MP4. */
export const YUV = { pixelFormat: 'yuv420p' } as const;

/** The source of a chain. */
function buffer({ width, height, pixelFormat = 'bgr0' }: FrameInput): string {
  const colours = pixelFormat === 'yuv420p' ? 'colorspace=bt709:range=tv' : 'colorspace=gbr:range=pc';
  return `buffer=video_size=${width}x${height}:pix_fmt=${pixelFormat}:time_base=1/1:${colours}`;
}

/**
 * A chain of FFmpeg filters for frames. Works off the event loop.
 */
export class FrameFilter {
  #graph: FilterGraph;
  #source: FilterContext;
  #more: FilterContext | undefined;
  #sink: FilterContext;
  #out: Frame;

  private constructor(graph: FilterGraph, [source, more]: FilterContext[], sink: FilterContext) {
    if (!source) throw new Error('the filter chain has no source');
    this.#graph = graph;
    this.#more = more;
    this.#source = source;
    this.#sink = sink;
    this.#out = new Frame();
    this.#out.alloc();
  }

  /**
   * @param chain as on ffmpeg's command line, e.g. `crop=64:48,format=yuv420p`; with `more` it names its inputs `[in]` and
   *   `[more]`
   * @param input of the frames that are pushed
   * @param more of a single further frame
   */
  static async open(chain: string, input: FrameInput, more?: FrameInput): Promise<FrameFilter> {
    const inputs = more ? `${buffer(input)}[in];${buffer(more)}[more];` : `${buffer(input)},`;
    logErrorsOnly();
    const graph = new FilterGraph();
    try {
      graph.alloc();
      graph.nbThreads = 1;
      FFmpegError.throwIfError(graph.parsePtr(`${inputs}${chain},buffersink`), 'parse filters');
      FFmpegError.throwIfError(await graph.config(), 'configure filters');
      const filters = graph.filters ?? [];
      const sink = filters.find((filter) => filter.isSink());
      if (!sink) throw new Error('the filter chain has no end');
      const sources = filters.filter((filter) => filter.isSource());
      return new FrameFilter(graph, sources, sink);
    } catch (error) {
      graph.free();
      throw error;
    }
  }

  /** Pushes the one frame of the further input, which the caller keeps; before all others. */
  async pushMore(frame: Frame): Promise<void> {
    for (const next of [frame, null]) {
      const ret = await this.#more!.buffersrcAddFrame(next, KEEP_AND_PUSH);
      FFmpegError.throwIfError(ret, 'filter further frame');
    }
  }

  /**
   * Pushes a frame, which the caller keeps, or null at the end, and hands on what comes out; those frames are valid only
   * until `use` returns.
   */
  async push(frame: Frame | null, use: (filtered: Frame) => Promise<void>): Promise<void> {
    const ret = await this.#source.buffersrcAddFrame(frame, KEEP_AND_PUSH);
    FFmpegError.throwIfError(ret, 'filter frame');
    for (;;) {
      const got = await this.#sink.buffersinkGetFrame(this.#out);
      if (got === AVERROR_EAGAIN || got === AVERROR_EOF) return;
      FFmpegError.throwIfError(got, 'take filtered frame');
      try {
        await use(this.#out);
      } finally {
        this.#out.unref();
      }
    }
  }

  close(): void {
    this.#out.free();
    this.#graph.free();
  }
}
