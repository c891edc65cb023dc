import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { GroupActivities } from '../contract/activities.ts';
import { othersOf } from '../contract/video-group.ts';
import { startVideo } from '../temporal/start-video.ts';

/**
 * Finishes what an API process that died had begun.
 *
 * @param temporal the client, which is there before the first activity
 */
export function groupActivities(temporal: () => Client): GroupActivities {
  return {
    startOthers: async (first) => {
      await Promise.all(
        othersOf(first).map((other) =>
          startVideo(temporal(), other).catch((error: unknown) => {
            if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          }),
        ),
      );
    },
  };
}
