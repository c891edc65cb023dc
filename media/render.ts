import type { Frame } from 'node-av/lib';
import { forEachLosslessFrame } from './lossless-reader.ts';
import type { VideoSpec } from '../contract/video-job.ts';
import type { VideoSettings } from '../contract/video-settings.ts';
import type { GenerateResult } from '../contract/results.ts';
import { Mp4Writer } from './mp4-writer.ts';
import { StillWriter } from './still-writer.ts';

export interface RenderOptions {
  /** Lossless frames of the generated shape. */
  framesPath: string;
  generated: Pick<GenerateResult, 'width' | 'height' | 'numFrames' | 'framesSha256'>;
  spec: VideoSpec;
  /** What the MP4 says of itself. */
  settings: VideoSettings;
  /** Where the MP4 is written. */
  mp4Path: string;
  /** Checked before every frame; its reason is thrown. */
  signal: AbortSignal;
  /** Frames encoded so far. */
  onFrame?: (frames: number) => void;
}

/** The frames in the scratch store are not those that were generated. */
export class DamagedFramesError extends Error {
  override readonly name = 'DamagedFramesError';
}

/**
 * Makes the MP4 and both pictures in one pass over the lossless frames, one frame in memory at a time. What is made
 * depends on the frames, the spec and the settings alone, byte for byte.
 *
 * @throws {DamagedFramesError}
 */
export async function render(options: RenderOptions): Promise<{ thumbnail: Buffer; spritesheet: Buffer }> {
  const { spec, generated, signal } = options;
  const opened: { close(): void | Promise<void> }[] = [];
  const open = async <T extends { close(): void | Promise<void> }>(writer: Promise<T>): Promise<T> => {
    const done = await writer;
    opened.push(done);
    return done;
  };
  try {
    const thumbnail = await open(StillWriter.thumbnail(spec, generated));
    const spritesheet = await open(StillWriter.spritesheet(spec, generated));
    const mp4 = await open(Mp4Writer.open(options.mp4Path, spec, generated, JSON.stringify(options.settings)));
    let writing = false;
    const write = async (_rgb: Buffer, index: number, frame: Frame) => {
      writing = true;
      signal.throwIfAborted();
      // The model makes 6k + 1 frames; what was asked for is the first of them.
      if (index < spec.numFrames) {
        await mp4.write(frame);
        await thumbnail.write(frame, index);
        await spritesheet.write(frame, index);
        options.onFrame?.(index + 1);
      }
      writing = false;
    };
    const seen = await forEachLosslessFrame(options.framesPath, write).catch((error: unknown) => {
      throw writing
        ? error
        : new DamagedFramesError('The scratch store holds no video that can be read.', { cause: error });
    });
    assertUndamaged(seen, generated);
    await mp4.finish();
    return { thumbnail: await thumbnail.finish(), spritesheet: await spritesheet.finish() };
  } finally {
    for (const writer of opened) await writer.close();
  }
}

function assertUndamaged(
  seen: { width: number; height: number; frames: number; sha256: string },
  { width, height, numFrames, framesSha256 }: RenderOptions['generated'],
): void {
  if (seen.width !== width || seen.height !== height || seen.frames !== numFrames) {
    throw new DamagedFramesError(
      `The scratch store holds ${seen.frames} frames of ${seen.width}x${seen.height}, ` +
        `not the ${numFrames} of ${width}x${height} that were generated.`,
    );
  }
  if (seen.sha256 !== framesSha256) {
    throw new DamagedFramesError('The frames in the scratch store differ from those that were generated.');
  }
}
