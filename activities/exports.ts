import { join } from 'node:path';
import type { ExportInput } from '../contract/exports.ts';
import { failure } from '../contract/failure.ts';
import type { StoredFile } from '../contract/results.ts';
import { exportMedia } from '../media/exports/export-media.ts';
import { EXPORT_FILES, keys } from '../storage/keys.ts';
import { type ObjectStore, ObjectNotFoundError } from '../storage/object-store.ts';
import type { ActivityRun } from './run-activity.ts';
import { sha256OfFile } from './stored-files.ts';
import type { WorkFolders } from './work-folder.ts';

/**
 * Makes another form of a finished video out of its MP4, beside it in the store of finished files. The same MP4 always
 * makes the same bytes under the same key, so attempts may overlap.
 *
 * @throws `video_expired` where the MP4 is gone, before or meanwhile: then the export is too
 */
export async function exportVideo(
  { artefacts, folders }: { artefacts: ObjectStore; folders: WorkFolders },
  { videoId, variant, video, numFrames }: ExportInput,
  { signal, report }: ActivityRun,
): Promise<StoredFile> {
  const { name, contentType } = EXPORT_FILES[variant];
  const key = keys.export(videoId, variant);
  const withoutVideo = async () => {
    await artefacts.delete(key);
    return failure('video_expired');
  };
  return await folders.use(async (folder) => {
    const mp4Path = join(folder, 'video.mp4');
    const path = join(folder, name);
    try {
      await artefacts.getToFile(video.key, mp4Path, signal);
    } catch (error) {
      if (error instanceof ObjectNotFoundError) throw await withoutVideo();
      throw error;
    }
    const onFrame = (frames: number) => report({ phase: 'exporting', frames, totalFrames: numFrames });
    await exportMedia(variant, { mp4Path, path, signal, onFrame });
    report({ phase: 'storing' });
    const sha256 = await sha256OfFile(path, signal);
    const { bytes } = await artefacts.putFile(key, path, { contentType, signal });
    // A video that was deleted meanwhile leaves nothing: its clean-up may be over.
    if ((await artefacts.head(video.key)) === null) throw await withoutVideo();
    return { key, bytes, sha256, contentType };
  });
}
