import { type Client, WorkflowFailedError } from '@temporalio/client';
import { errorOf } from '../../temporal/error-of.ts';
import type { VideoMemo } from '../../contract/video-job.ts';
import type { GenerateVideoResult } from '../../contract/results.ts';
import { completedState, failedState } from './job-state.ts';
import type { JobState } from './video-object.ts';

/** How one run of a video's workflow ended. */
export interface Outcome {
  state: JobState;
  /** Where the files are; null unless it is completed. */
  result: GenerateVideoResult | null;
}

/** What the memo of a closed run says; null where it was ended from outside. */
export function rememberedOutcome({ input, result, failure }: VideoMemo): Outcome | null {
  if (result) return { state: completedState(result), result };
  return failure ? { state: failedState(input, failure), result: null } : null;
}

/** How a closed run ended: from its memo, or, where it was ended from outside, from its close event. */
export async function outcomeOf(client: Client, memo: VideoMemo, runId: string): Promise<Outcome> {
  const remembered = rememberedOutcome(memo);
  if (remembered !== null) return remembered;
  try {
    const handle = client.workflow.getHandle(memo.input.videoId, runId, { followRuns: false });
    const result = (await handle.result()) as GenerateVideoResult;
    return { state: completedState(result), result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { state: failedState(memo.input, errorOf(error)), result: null };
  }
}
