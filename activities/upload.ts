import { join } from 'node:path';
import { VARIANT_FILES } from '../storage/keys.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { failure } from '../contract/failure.ts';
import type { GenerateVideoInput } from '../contract/video-job.ts';
import type { EncodeResult, StoredFile, UploadResult, Variant } from '../contract/results.ts';
import { faultOf } from '../media/inspect.ts';
import type { ActivityRun } from './run-activity.ts';
import { sha256OfFile, store } from './stored-files.ts';
import type { WorkFolders } from './work-folder.ts';

export interface UploadDeps {
  scratch: ObjectStore;
  artefacts: ObjectStore;
  folders: WorkFolders;
}

/**
 * Decodes the MP4 from end to end, holds it to what was asked for, and publishes the three files under their final keys.
 * The video comes last: where it is, everything is.
 *
 * @throws `artefact_invalid` where a file is not what was encoded or the MP4 is not what was asked for
 */
export async function uploadVideo(
  { scratch, artefacts, folders }: UploadDeps,
  { videoId, spec }: GenerateVideoInput,
  encoded: EncodeResult,
  { signal, report }: ActivityRun,
): Promise<UploadResult> {
  return await folders.use(async (folder) => {
    const fetch = async (variant: Variant): Promise<string> => {
      const path = join(folder, VARIANT_FILES[variant].name);
      // What was only damaged on its way here is right the second time.
      for (let read = 1; read <= 2; read++) {
        await scratch.getToFile(encoded[variant].key, path, signal);
        if ((await sha256OfFile(path, signal)) === encoded[variant].sha256) return path;
      }
      throw invalid(`${encoded[variant].key} is not the file that was encoded`);
    };
    const publish = (variant: Variant, path: string): Promise<StoredFile> =>
      store({ to: artefacts, videoId, variant, path }, signal);

    const video = await fetch('video');
    const fault = await faultOf(video, spec, signal, (frames) => {
      report({ phase: 'verifying', frames, totalFrames: spec.numFrames });
    });
    if (fault !== null) throw invalid(fault);

    report({ phase: 'publishing' });
    const thumbnail = await publish('thumbnail', await fetch('thumbnail'));
    const spritesheet = await publish('spritesheet', await fetch('spritesheet'));
    return { artefacts: { thumbnail, spritesheet, video: await publish('video', video) } };
  });
}

const invalid = (fault: string) => failure('artefact_invalid', undefined, { cause: new Error(fault) });
