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

/**
 * A chain of FFmpeg filters for full-range RGB frames, as the lossless reader gives them. Works off the event loop.
 */
export class FrameFilter {
  #graph: FilterGraph;
  #source: FilterContext;
  #sink: FilterContext;
  #out: Frame;

  private constructor(graph: FilterGraph, source: FilterContext, sink: FilterContext) {
    this.#graph = graph;
    this.#source = source;
    this.#sink = sink;
    this.#out = new Frame();
    this.#out.alloc();
  }

  /**
   * @param chain as on ffmpeg's command line, e.g. `crop=64:48,format=yuv420p`
   * @param size of the frames that are pushed, in pixels
   */
  static async open(chain: string, size: { width: number; height: number }): Promise<FrameFilter> {
    const input = `buffer=video_size=${size.width}x${size.height}:pix_fmt=bgr0:time_base=1/1:colorspace=gbr:range=pc`;
    logErrorsOnly();
    const graph = new FilterGraph();
    try {
      graph.alloc();
      graph.nbThreads = 1;
      FFmpegError.throwIfError(graph.parsePtr(`${input},${chain},buffersink`), 'parse filters');
      FFmpegError.throwIfError(await graph.config(), 'configure filters');
      const filters = graph.filters ?? [];
      const source = filters.find((filter) => filter.isSource());
      const sink = filters.find((filter) => filter.isSink());
      if (!source || !sink) throw new Error('the filter chain has no ends');
      return new FrameFilter(graph, source, sink);
    } catch (error) {
      graph.free();
      throw error;
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
