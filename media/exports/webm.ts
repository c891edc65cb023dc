import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  FF_ENCODER_LIBVPX_VP9,
} from 'node-av/constants';
import { VideoWriter } from '../video-writer.ts';
import type { ExportOptions } from './export-media.ts';
import { withFinishedVideo } from './mp4-frames.ts';

/** Of constant quality, as good as the eye can tell from the MP4. */
const CRF = 24;

/** VP9 in WebM, with the frame rate, colours and settings of the MP4. */
export async function writeWebm(options: ExportOptions): Promise<void> {
  await withFinishedVideo(options, async ({ width, height, stream, comment, forEachFrame }) => {
    const { num, den } = stream.avgFrameRate;
    const video = await VideoWriter.open({
      codec: FF_ENCODER_LIBVPX_VP9,
      codecOptions: { crf: String(CRF), b: '0', deadline: 'good', 'cpu-used': '4', 'row-mt': '0' },
      pixelFormat: AV_PIX_FMT_YUV420P,
      width,
      height,
      rate: { num, den },
      threads: 2,
      configure: (context) => {
        context.colorPrimaries = AVCOL_PRI_BT709;
        context.colorTrc = AVCOL_TRC_BT709;
        context.colorSpace = AVCOL_SPC_BT709;
        context.colorRange = AVCOL_RANGE_MPEG;
      },
      container: 'webm',
      // The index in front, so that a browser can seek before the end has come.
      containerOptions: { cues_to_front: '1' },
      ...(comment !== null && { metadata: { comment } }),
      output: options.path,
    });
    try {
      await forEachFrame((frame) => video.write(frame));
      await video.finish();
    } finally {
      await video.close();
    }
  });
}
