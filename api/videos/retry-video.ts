import type { Viewer } from '../accounts/viewer.ts';
import type { Video } from '../jobs/video-schema.ts';
import type { Admission } from '../admission/admission.ts';
import type { VideoService } from './video-service.ts';

/** Earlier runs that a job knows of. */
const MOST_RUNS = 100;

export interface RetryDeps {
  videos: VideoService;
  admission: Admission;
}

/**
 * Makes a failed video once more where it would be let in as a new one of its account; its deadline begins anew.
 *
 * @throws ApiError `video_not_failed`, `video_not_found`, and what {@link Admission.admit} refuses it with
 */
export async function retryVideo({ videos, admission }: RetryDeps, videoId: string, viewer: Viewer): Promise<Video> {
  const { input, runId } = await videos.failed(videoId, viewer);
  const asked = { ...input, earlierRuns: [...(input.earlierRuns ?? []), runId].slice(-MOST_RUNS) };
  const how = { deadlineS: input.deadline?.seconds, resumes: true };
  return await admission.handle(input.accountId, async () => {
    const { video } = await admission.admit(asked, how, (again) => videos.retry(again, viewer));
    return video;
  });
}
