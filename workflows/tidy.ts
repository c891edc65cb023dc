import {
  CancellationScope,
  ParentClosePolicy,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { CleanUpOptions, CpuActivities } from '../contract/activities.ts';
import { cleanUpLater } from './clean-up-later.ts';
import { applicationFailureIn } from './job-failure.ts';
import { POLICIES } from './policies.ts';

const { cleanUp } = proxyActivities<Pick<CpuActivities, 'cleanUp'>>(POLICIES.cleanUp);
const cleanUpAtOnce = proxyLocalActivities<Pick<CpuActivities, 'cleanUp'>>(POLICIES.cleanUpAtOnce).cleanUp;
const cleanUpRemotely = proxyActivities<Pick<CpuActivities, 'cleanUp'>>(POLICIES.cleanUpAtOnce).cleanUp;
/** Jobs from before it complete only after all tries of their clean-up. */
const CLEANED_UP_LATER = 'cleaned-up-later';

/** Deletes what is no longer needed; a failure costs space, never the video. */
export async function tidy(videoId: string, options: CleanUpOptions): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    await cleanUp.executeWithOptions({ summary: 'everything' }, [videoId, options]);
  }).catch((error: unknown) => log.warn('Files were left behind', { error }));
}

/**
 * Deletes the scratch files of a finished video. What takes longer than seconds goes on without it.
 *
 * @param local as a local activity
 */
export async function tidyFinished(videoId: string, local: boolean): Promise<void> {
  const cleanUpOnce = local ? cleanUpAtOnce : cleanUpRemotely;
  await CancellationScope.nonCancellable(async () => {
    try {
      await cleanUpOnce.executeWithOptions({ summary: 'scratch files' }, [videoId, { artefacts: false }]);
    } catch (error) {
      log.warn('Files were left behind', { error });
      // What is refused once is refused again.
      if (applicationFailureIn(error)?.nonRetryable || !patched(CLEANED_UP_LATER)) return;
      const workflowId = `cleanup_${videoId}_${workflowInfo().runId.replaceAll('-', '')}`;
      const parentClosePolicy = ParentClosePolicy.ABANDON;
      await startChild(cleanUpLater, { workflowId, args: [videoId], parentClosePolicy, staticSummary: videoId });
    }
  }).catch((error: unknown) => log.warn('Files are left behind for good', { error }));
}
