import {
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { type FrameRate, frameRate } from './frame-rate.ts';
import { VideoWriter } from './video-writer.ts';
import type { VideoSpec } from '../contract/video-job.ts';
import { FrameFilter } from './frame-filter.ts';

/** Visually lossless for generated clips; 18 is the usual choice for it, 16 keeps flat colours free of noise too. */
const CRF = 16;
/** Seconds between key frames: what a player has to decode at most for a seek. */
const KEY_FRAME_SECONDS = 2;

/** RGB is really converted with the matrix and range that the file is tagged with; cut from the middle. */
const chain = ({ width, height }: VideoSpec) =>
  [
    `crop=${width}:${height}`,
    'scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int+bitexact',
    'format=yuv420p',
    'setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709:chroma_location=left',
  ].join(',');

/**
 * Writes the finished video: H.264 in MP4, 4:2:0, BT.709, one frame every 1/fps seconds exactly, index in front. The
 * same frames, spec and comment make the same bytes.
 */
export class Mp4Writer {
  #filter: FrameFilter;
  #video: VideoWriter;

  private constructor(filter: FrameFilter, video: VideoWriter) {
    this.#filter = filter;
    this.#video = video;
  }

  /**
   * @param path of the MP4
   * @param generated size of the frames that come, at least the spec's
   * @param comment metadata item of that name
   */
  static async open(
    path: string,
    spec: VideoSpec,
    generated: { width: number; height: number },
    comment: string,
  ): Promise<Mp4Writer> {
    const filter = await FrameFilter.open(chain(spec), generated);
    const rate = frameRate(spec.fps);
    try {
      const video = await VideoWriter.open({
        codec: FF_ENCODER_LIBX264,
        codecOptions: {
          preset: 'medium',
          profile: 'high',
          crf: String(CRF),
          // Without it some of x264's routines, those for AVX-512, give other results from run to run.
          'x264-params': 'cpu-independent=1',
        },
        pixelFormat: AV_PIX_FMT_YUV420P,
        width: spec.width,
        height: spec.height,
        rate,
        // x264's output depends on the number of threads, so it is fixed.
        threads: 4,
        configure: (context) => {
          context.gopSize = Math.max(1, Math.round(spec.fps * KEY_FRAME_SECONDS));
          context.colorPrimaries = AVCOL_PRI_BT709;
          context.colorTrc = AVCOL_TRC_BT709;
          context.colorSpace = AVCOL_SPC_BT709;
          context.colorRange = AVCOL_RANGE_MPEG;
          context.chromaLocation = AVCHROMA_LOC_LEFT;
        },
        container: 'mp4',
        // With the default clock of milliseconds a clip of 10/12 s would end early by a part of its last frame.
        containerOptions: { movflags: '+faststart', movie_timescale: String(movieClock(rate)) },
        metadata: { comment },
        output: path,
      });
      return new Mp4Writer(filter, video);
    } catch (error) {
      filter.close();
      throw error;
    }
  }

  async write(frame: Frame): Promise<void> {
    await this.#filter.push(frame, async (yuv) => await this.#video.write(yuv));
  }

  async finish(): Promise<void> {
    await this.#filter.push(null, async (yuv) => await this.#video.write(yuv));
    await this.#video.finish();
  }

  async close(): Promise<void> {
    this.#filter.close();
    await this.#video.close();
  }
}

/** Ticks a second, at least 1000, of which a frame lasts a whole number. */
const movieClock = ({ num }: FrameRate) => num * Math.ceil(1000 / num);
