import { continueAsNew, patched, proxyActivities, sleep } from '@temporalio/workflow';
import type { Duration } from '@temporalio/common';
import type { CpuActivities, RemovalActivities } from '../contract/activities.ts';
import { POLICIES } from './policies.ts';

const { forgetVideo } = proxyActivities<RemovalActivities>(POLICIES.forgetVideo);
const { cleanUp } = proxyActivities<Pick<CpuActivities, 'cleanUp'>>(POLICIES.cleanUp);

/** By then Temporal lists every run as ended that had ended when the removal began. */
const FORGET_AGAIN_AFTER = '1m';
/** Removals from before it forget what is listed by the first search. */
const FORGOTTEN_AGAIN = 'forgotten-again';
/** Removals from before it that wait first keep the prompt until then. */
const FORGOTTEN_AT_ONCE = 'forgotten-at-once';

/**
 * Removes what is left of a video whose own workflow has ended, under the same workflow id: from its start on, a
 * request for the video finds this and no video.
 *
 * @param after does all but forget the video only then @default at once, and once more after a minute
 * @param runs runs of the video that are known, whether Temporal lists them by now or not
 * @param accountId whose video it is @default removals from before it was told, whose videos have no stars and tags
 */
export async function removeVideo(
  videoId: string,
  after?: Duration,
  runs: string[] = [],
  accountId?: string,
): Promise<void> {
  if (after !== undefined) {
    if (patched(FORGOTTEN_AT_ONCE)) await forgetVideo(videoId, runs);
    await sleep(after);
  }
  await cleanUp.executeWithOptions({ summary: 'everything' }, [
    videoId,
    { artefacts: true, ...(accountId !== undefined && { marksOf: accountId }) },
  ]);
  await forgetVideo(videoId, runs);
  if (after === undefined && patched(FORGOTTEN_AGAIN)) {
    await continueAsNew<typeof removeVideo>(videoId, FORGET_AGAIN_AFTER, runs, accountId);
  }
}
