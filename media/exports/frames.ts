import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AV_PIX_FMT_RGB24, FF_ENCODER_PNG } from 'node-av/constants';
import { ZipFile } from 'yazl';
import { FrameFilter, YUV } from '../frame-filter.ts';
import { encodePicture, type PictureFormat } from '../picture-encoder.ts';
import type { ExportOptions } from './export-media.ts';
import { withFinishedVideo } from './mp4-frames.ts';

const PNG: PictureFormat = { codec: FF_ENCODER_PNG, pixelFormat: AV_PIX_FMT_RGB24, options: { pred: 'mixed' } };

/** Full-range RGB of what the MP4 shows. */
export const RGB_OF_MP4 =
  'scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24';

/** The earliest that a ZIP can say: the same frames make the same file. */
const MTIME = new Date(1980, 0, 1);

/** A ZIP of every frame as `frame-00001.png` and so on. PNGs are packed already, so they are stored as they are. */
export async function writeFrames(options: ExportOptions): Promise<void> {
  await withFinishedVideo(options, async ({ width, height, forEachFrame }) => {
    const filter = await FrameFilter.open(RGB_OF_MP4, { width, height, ...YUV });
    const zip = new ZipFile();
    const bytes = zip.outputStream as PassThrough;
    const written = pipeline(bytes, createWriteStream(options.path));
    written.catch(() => {});
    let count = 0;
    try {
      await forEachFrame((frame) =>
        filter.push(frame, async (rgb) => {
          const name = `frame-${String(++count).padStart(5, '0')}.png`;
          // A stream, since buffers are kept until the ZIP is whole. The next frame waits for the disk.
          const png = new PassThrough();
          zip.addReadStream(png, name, { compress: false, mtime: MTIME, forceDosTimestamp: true });
          png.end(await encodePicture(rgb, PNG));
          await Promise.race([once(png, 'end'), written]);
        }),
      );
      zip.end();
      await written;
    } catch (error) {
      bytes.destroy(error as Error);
      await written.catch(() => {});
      throw error;
    } finally {
      filter.close();
    }
  });
}
