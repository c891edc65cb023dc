import { proxyActivities } from '@temporalio/workflow';
import type { CpuActivities } from '../contract/activities.ts';
import { POLICIES } from './policies.ts';

const { cleanUp } = proxyActivities<Pick<CpuActivities, 'cleanUp'>>(POLICIES.cleanUp);

/** Deletes the scratch files of a finished video that could not be deleted at once. No caller waits for it. */
export async function cleanUpLater(videoId: string): Promise<void> {
  await cleanUp.executeWithOptions({ summary: 'scratch files' }, [videoId, { artefacts: false }]);
}
