import { type WorkflowExecutionDescription, type Client, WorkflowFailedError } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { GenerateVideoInput, Stage, VideoMemo } from '../../contract/video-job.ts';
import { type GenerateHeartbeat, progressOf } from '../../contract/progress.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import type { Phase } from './video-schema.ts';
import { type JobState, QUEUED } from './video-object.ts';
import { errorOf } from '../../temporal/error-of.ts';
import type { GenerateVideoResult } from '../../contract/results.ts';

/** The one pending activity, as far as a job's state depends on it. */
export interface PendingActivity {
  /** Activity type, e.g. `generate`. */
  type: string;
  /** A worker has it, or had it before a retry. */
  started: boolean;
  cancelRequested: boolean;
  heartbeat: GenerateHeartbeat | null;
  /** When the attempt began, ms since 1970; null while it waits. */
  startedAt: number | null;
  /** Temporal's, by which it is handed out; 0 where it has the default. */
  priorityKey: number;
  /** Identity of the worker that has it, or had it last; empty while none had. */
  worker: string;
}

/** `temporal.api.enums.v1.PendingActivityState`. */
const PENDING = { started: 2, cancelRequested: 3, pauseRequested: 5 };

/** What a running workflow waits for; null between two activities. */
export async function pendingActivity(
  { raw }: WorkflowExecutionDescription,
  dataConverter: LoadedDataConverter,
): Promise<PendingActivity | null> {
  const found = raw.pendingActivities?.[0];
  if (!found) return null;
  const [heartbeat] = (await decodeArrayFromPayloads(dataConverter, found.heartbeatDetails?.payloads)) as [
    GenerateHeartbeat?,
  ];
  const state = Number(found.state);
  return {
    type: found.activityType?.name ?? '',
    started: Object.values(PENDING).includes(state) || heartbeat !== undefined,
    cancelRequested: state === PENDING.cancelRequested,
    heartbeat: heartbeat ?? null,
    startedAt: found.lastStartedTime ? tsToMs(found.lastStartedTime) : null,
    priorityKey: found.priority?.priorityKey ?? 0,
    worker: found.lastWorkerIdentity ?? '',
  };
}

/**
 * State of a job whose workflow runs. It is queued until a GPU worker really has it.
 *
 * @param stage the search attribute `Stage`, which tells where a job stands between two activities
 */
export function runningState(input: GenerateVideoInput, pending: PendingActivity | null, stage: Stage): JobState {
  const base: JobState = { ...QUEUED, warnings: input.warnings };
  const working = (at: Stage, phase: Phase, heartbeat: GenerateHeartbeat | null = null): JobState => ({
    ...base,
    status: 'in_progress',
    phase: pending?.cancelRequested ? 'cancelling' : phase,
    progress: progressOf(at, heartbeat),
    step: heartbeat?.step ?? null,
    steps: heartbeat?.steps ?? null,
    previewStep: heartbeat?.previewStep ?? null,
  });
  switch (pending?.type) {
    case 'generate': {
      const { started, heartbeat } = pending;
      return started ? working('generating', heartbeat?.phase ?? 'loading', heartbeat) : base;
    }
    case 'encode':
      return working('encoding', 'encoding');
    case 'upload':
      return working('uploading', 'uploading');
    case 'validate':
      return { ...base, phase: 'validating' };
    case 'cleanUp':
      return stage === 'uploading' ? working('uploading', 'uploading') : { ...base, phase: 'cancelling' };
    default:
      if (stage === 'encoding' || stage === 'uploading') return working(stage, stage);
      // The GPU is done with it, well or not, and the workflow has not yet gone on.
      return stage === 'generating' ? working('generating', 'decoding') : base;
  }
}

export function completedState(result: GenerateVideoResult): JobState {
  return {
    ...QUEUED,
    status: 'completed',
    phase: 'completed',
    progress: 100,
    completedAt: result.completedAt,
    expiresAt: result.expiresAt,
    inferenceTimeS: result.inferenceTimeS,
    peakMemoryMb: result.peakMemoryMb,
    warnings: result.warnings,
  };
}

export function failedState(input: GenerateVideoInput, error: { code: ErrorCode; message: string }): JobState {
  return { ...QUEUED, status: 'failed', phase: 'failed', error, warnings: input.warnings };
}

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

/** True for a memo of which something cannot be decrypted: it reads as null, which nothing else in it does. */
export function isUnreadable(memo: object | undefined): boolean {
  return Object.values(memo ?? {}).includes(null);
}
