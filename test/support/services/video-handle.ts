import type { WorkflowHandle } from '@temporalio/client';
import { STATUS_QUERY } from '../../../contract/names.ts';
import type { VideoStatus } from '../../../contract/video-job.ts';
import { errorOf } from '../../../temporal/error-of.ts';

/** What the workflow of a video says of itself. */
export const statusOf = (handle: WorkflowHandle) => handle.query<VideoStatus>(STATUS_QUERY);

/** What lists of videos are told of it. */
export const stageOf = async (handle: WorkflowHandle) => (await handle.describe()).searchAttributes['Stage']?.[0];

/** The error that a video ends with; of code `completed` where it ends well. */
export async function outcomeOf(handle: WorkflowHandle): Promise<{ code: string; message: string }> {
  const error: unknown = await handle.result().then(
    () => new Error('completed'),
    (thrown: unknown) => thrown,
  );
  return errorOf(error);
}
