import { AV_PIX_FMT_PAL8, FF_ENCODER_GIF } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { FrameFilter, YUV } from '../frame-filter.ts';
import { VideoWriter } from '../video-writer.ts';
import type { ExportOptions } from './export-media.ts';
import { type FinishedVideo, withFinishedVideo } from './mp4-frames.ts';

/** Longer side at most, in pixels: what GIFs are posted as; they are ten times as large as the MP4. */
const SIDE = 640;
/** Side of the palette's picture: its 256 colours. */
const PALETTE = { width: 16, height: 16, pixelFormat: 'bgra' } as const;

/** An animated GIF of every frame, endless, with the palette that suits the whole clip. */
export async function writeGif(options: ExportOptions): Promise<void> {
  const palette = await withFinishedVideo(options, paletteOf);
  try {
    await withFinishedVideo(options, async (video) => await encode(video, palette, options.path));
  } finally {
    palette.free();
  }
}

const scaled = ({ width, height }: { width: number; height: number }) => {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const side = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  return { width: side(width), height: side(height) };
};

const toRgb = (size: { width: number; height: number }) =>
  `scale=${size.width}:${size.height}:in_color_matrix=bt709:in_range=tv:out_range=pc:flags=bicubic+accurate_rnd+full_chroma_int+bitexact`;

async function paletteOf({ width, height, forEachFrame }: FinishedVideo): Promise<Frame> {
  const filter = await FrameFilter.open(`${toRgb(scaled({ width, height }))},palettegen=stats_mode=diff`, {
    width,
    height,
    ...YUV,
  });
  let palette: Frame | null = null;
  const keep = async (frame: Frame) => void (palette = frame.clone());
  try {
    await forEachFrame((frame) => filter.push(frame, keep));
    await filter.push(null, keep);
  } finally {
    filter.close();
  }
  if (palette === null) throw new Error('the clip has no colours');
  return palette;
}

async function encode({ width, height, stream, forEachFrame }: FinishedVideo, palette: Frame, path: string) {
  const size = scaled({ width, height });
  const chain = `[in]${toRgb(size)}[rgb];[rgb][more]paletteuse=dither=sierra2_4a:diff_mode=rectangle`;
  const filter = await FrameFilter.open(chain, { width, height, ...YUV }, PALETTE);
  const { num, den } = stream.avgFrameRate;
  const gif = await VideoWriter.open({
    codec: FF_ENCODER_GIF,
    pixelFormat: AV_PIX_FMT_PAL8,
    ...size,
    rate: { num, den },
    threads: 1,
    container: 'gif',
    containerOptions: { loop: '0' },
    output: path,
  });
  try {
    await filter.pushMore(palette);
    await forEachFrame((frame) => filter.push(frame, (indexed) => gif.write(indexed)));
    await filter.push(null, (indexed) => gif.write(indexed));
    await gif.finish();
  } finally {
    filter.close();
    await gif.close();
  }
}
