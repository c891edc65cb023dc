import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import type { CpuActivities, RemovalActivities } from './contract.ts';
import { POLICIES } from './policies.ts';

const { forgetVideo } = proxyActivities<RemovalActivities>(POLICIES.forgetVideo);
const { cleanUp } = proxyActivities<Pick<CpuActivities, 'cleanUp'>>(POLICIES.cleanUp);

/**
 * Removes what is left of a video whose own workflow has ended, under the same workflow id: from its start on, whoever
 * looks for the video finds this and no video.
 *
 * @param after waits first @default not at all
 */
export async function removeVideo(videoId: string, after?: Duration): Promise<void> {
  if (after !== undefined) await sleep(after);
  await cleanUp.executeWithOptions({ summary: 'everything' }, [videoId, { artefacts: true }]);
  await forgetVideo(videoId);
}
