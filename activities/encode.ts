import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keys, VARIANT_FILES } from '../storage/keys.ts';
import { type ObjectStore, ObjectNotFoundError } from '../storage/object-store.ts';
import { failure } from '../contract/failure.ts';
import type { GenerateVideoInput } from '../contract/video-job.ts';
import type { EncodeResult, GenerateResult, Variant } from '../contract/results.ts';
import { videoSettings } from '../contract/video-settings.ts';
import { KINORA_VERSION } from '../platform/process/version.ts';
import { ERRORS } from '../contract/errors.ts';
import type { Limit } from '../platform/flow/limit.ts';
import { DamagedFramesError, render } from '../media/render.ts';
import type { ActivityRun } from './run-activity.ts';
import { sha256OfFile, store } from './stored-files.ts';
import type { WorkFolders } from './work-folder.ts';

export interface EncodeDeps {
  scratch: ObjectStore;
  folders: WorkFolders;
  /** Encoders that may run at once in this process. */
  encoders: Limit;
  /** Whether the MP4 holds the prompt and the negative prompt. */
  promptInFiles: boolean;
}

/**
 * Turns the lossless frames of the scratch store into the three finished files, beside them in the scratch store. The
 * same frames of a video always make the same bytes under the same keys, so attempts may overlap.
 *
 * @throws `encoding_failed`
 */
export async function encodeVideo(
  { scratch, folders, encoders, promptInFiles }: EncodeDeps,
  input: GenerateVideoInput,
  generated: GenerateResult,
  { signal, report }: ActivityRun,
): Promise<EncodeResult> {
  const { videoId, spec } = input;
  return await encoders.run(signal, () =>
    folders.use(async (folder) => {
      const framesPath = join(folder, 'frames.mkv');
      const paths = mapVariants((variant) => join(folder, VARIANT_FILES[variant].name));
      try {
        await scratch.getToFile(generated.framesKey, framesPath, signal);
        const { thumbnail, spritesheet } = await render({
          framesPath,
          generated,
          spec,
          settings: videoSettings(input, {
            kinora: KINORA_VERSION,
            weights: generated.weights,
            withPrompt: promptInFiles,
          }),
          mp4Path: paths.video,
          signal,
          onFrame: (frames) => report({ phase: 'encoding', frames, totalFrames: spec.numFrames }),
        });
        await writeFile(paths.thumbnail, thumbnail);
        await writeFile(paths.spritesheet, spritesheet);
      } catch (error) {
        if (error instanceof ObjectNotFoundError) {
          throw failure('encoding_failed', `The generated frames are not in the scratch store ${scratch.url}.`, {
            cause: error,
          });
        }
        if (error instanceof DamagedFramesError && (await isDamagedForGood(scratch, generated, framesPath, signal))) {
          // They must not count as finished: a retry decodes the last checkpoint again.
          await scratch.delete(keys.framesRecord(videoId));
          throw failure('encoding_failed', `${ERRORS.encoding_failed.message} ${error.message}`, { retryable: false });
        }
        throw error;
      }
      report({ phase: 'storing' });
      const put = (variant: Variant) => store({ to: scratch, videoId, variant, path: paths[variant] }, signal);
      return { video: await put('video'), thumbnail: await put('thumbnail'), spritesheet: await put('spritesheet') };
    }),
  );
}

/** A link or a proxy may damage every read in the same way, for a moment. */
const READ_AGAIN_MS = 5_000;

/** Whether the store gives the same damaged bytes a while later; else they were damaged on their way here. */
async function isDamagedForGood(
  scratch: ObjectStore,
  { framesKey }: GenerateResult,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  await sleep(READ_AGAIN_MS, undefined, { signal });
  const again = `${path}.again`;
  await scratch.getToFile(framesKey, again, signal);
  return (await sha256OfFile(again, signal)) === (await sha256OfFile(path, signal));
}

function mapVariants<T>(of: (variant: Variant) => T): Record<Variant, T> {
  return { video: of('video'), thumbnail: of('thumbnail'), spritesheet: of('spritesheet') };
}
