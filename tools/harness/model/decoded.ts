import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { readVideo } from '../../../media/video-reader.ts';

/** A decoded 4:2:0 frame. */
export interface YuvFrame {
  /** Seconds. */
  time: number;
  /** Luma and the two chromas at a pixel of the frame. */
  at(x: number, y: number): [number, number, number];
}

/** Every frame of a finished MP4. */
export async function decodeMp4(path: string): Promise<{ width: number; height: number; frames: YuvFrame[] }> {
  return await readVideo(path, async ({ stream, frames }) => {
    const { width, height, format } = stream.codecpar;
    if (format !== AV_PIX_FMT_YUV420P) throw new Error('not yuv420p');
    const decoded: YuvFrame[] = [];
    for await (const frame of frames()) {
      const yuv = frame.toBuffer();
      const chroma = width * height;
      const chromaWidth = width >> 1;
      decoded.push({
        time: (Number(frame.pts) * stream.timeBase.num) / stream.timeBase.den,
        at: (x, y) => {
          const c = (y >> 1) * chromaWidth + (x >> 1);
          return [yuv[y * width + x]!, yuv[chroma + c]!, yuv[chroma + (chroma >> 2) + c]!];
        },
      });
    }
    return { width, height, frames: decoded };
  });
}

/** Limited-range BT.709 of an RGB colour, from the standard's own coefficients (Rec. ITU-R BT.709-6, 3.2 to 3.4). */
export function bt709([r, g, b]: readonly [number, number, number]): [number, number, number] {
  const luma = (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
  const cb = (b / 255 - luma) / 1.8556;
  const cr = (r / 255 - luma) / 1.5748;
  return [16 + 219 * luma, 128 + 224 * cb, 128 + 224 * cr];
}
