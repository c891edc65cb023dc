import {
  type ActivityOptions,
  CancellationScope,
  TemporalFailure,
  defineQuery,
  defineSignal,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { isWebhookWanted, notify } from './notify.ts';
import {
  type GenerateVideoInput,
  type Stage,
  type VideoMemo,
  type VideoStatus,
  generatedShape,
} from '../contract/video-job.ts';
import type {
  EncodeResult,
  GenerateResult,
  GenerateVideoResult,
  UploadResult,
  ValidateResult,
} from '../contract/results.ts';
import type { CpuActivities, GpuActivities, GroupActivities, ReservationActivities } from '../contract/activities.ts';
import { CANCEL_SIGNAL, DELETE_SIGNAL, REMOVE_VIDEO, STATUS_QUERY, attributeKey } from '../contract/names.ts';
import { BEGUN_PRIORITY_KEYS, PRIORITY_KEYS } from '../contract/cost/job-class.ts';
import { othersOf } from '../contract/video-group.ts';
import { stopAt, callAt } from './deadline.ts';
import { describeShape, failedDetails, runningDetails } from './details.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { applicationFailureIn, jobFailure } from './job-failure.ts';
import { countOutcome } from './outcome-metrics.ts';
import { ENCODE_ROUNDS, POLICIES } from './policies.ts';
import type { removeVideo } from './remove-video.ts';
import { tidy, tidyFinished } from './tidy.ts';

const { generate } = proxyActivities<GpuActivities>(POLICIES.generate);
const { validate } = proxyActivities<Pick<CpuActivities, 'validate'>>(POLICIES.validate);
const validateAtOnce = proxyLocalActivities<Pick<CpuActivities, 'validate'>>(POLICIES.validateAtOnce).validate;
const { encode } = proxyActivities<Pick<CpuActivities, 'encode'>>(POLICIES.encode);
const { upload } = proxyActivities<Pick<CpuActivities, 'upload'>>(POLICIES.upload);
const { releaseSlot } = proxyLocalActivities<Pick<ReservationActivities, 'releaseSlot'>>(POLICIES.releaseSlot);
const { startOthers } = proxyLocalActivities<GroupActivities>(POLICIES.startOthers);

const cancelSignal = defineSignal(CANCEL_SIGNAL);
const deleteSignal = defineSignal(DELETE_SIGNAL);
const statusQuery = defineQuery<VideoStatus>(STATUS_QUERY);
/** The video's next run: under its id, so that the id is not found from now on; its memo no longer holds the prompt. */
const removeAgain = makeContinueAsNewFunc<typeof removeVideo>({ workflowType: REMOVE_VIDEO, memo: { removed: true } });
/** Jobs from before it fail where their frames are damaged. */
const FRAMES_MADE_AGAIN = 'frames-made-again';
/** Jobs from before it have their short steps done as activities of the queue, one after another. */
const LOCAL_STEPS = 'local-steps';
/** By then a worker that Temporal had given up has ended, and what it wrote late can be deleted. */
const REMOVE_AGAIN_AFTER = '10m';

/**
 * One video, from its prompt to the published files. The workflow id is the video id.
 *
 * A cancel, by the signal or by Temporal's own request, stops the running activity, waits until it has let go of its
 * device, and deletes everything. Once the files are published it comes too late and changes nothing: the video is
 * completed. A job that fails, or is stopped by its deadline, keeps its scratch files, so that it can be taken up again
 * from its last checkpoint.
 *
 * @throws {ApplicationFailure} whose `type` is a code of the error table; `cancelled` after a cancel
 */
export async function generateVideo(input: GenerateVideoInput): Promise<GenerateVideoResult> {
  const status: VideoStatus = { stage: 'queued', cancelRequested: false };
  const work = new CancellationScope();
  const isDeleted = () => status.stage === 'deleted';
  let overdue = false;
  const local = patched(LOCAL_STEPS);
  // A deleted video stays deleted, whatever still happens to its job.
  const enterUnlisted = (stage: Stage) => {
    if (isDeleted()) return;
    status.stage = stage;
    setCurrentDetails(runningDetails(stage, input, overdue));
  };
  const enter = (stage: Stage) => {
    if (isDeleted()) return;
    enterUnlisted(stage);
    upsertSearchAttributes([{ key: attributeKey('Stage'), value: stage }]);
  };
  const check = async (): Promise<string[]> => {
    // Milliseconds, which no list need show: it is written once that the video waits for a GPU.
    (local ? enterUnlisted : enter)('validating');
    return (await validated(input, local)).warnings;
  };
  setHandler(statusQuery, () => status);
  setHandler(cancelSignal, () => work.cancel());
  setHandler(deleteSignal, () => {
    enter('deleted');
    work.cancel();
  });
  work.cancelRequested.catch(() => (status.cancelRequested = true));
  const others = startOthersOf(input);
  const deadline = stopAt(work, input.deadline?.at);
  const cancelOverdue = callAt(input.overdueAt, () => {
    overdue = true;
    upsertSearchAttributes([{ key: attributeKey('Overdue'), value: true }]);
    setCurrentDetails(runningDetails(status.stage, input, overdue));
  });

  try {
    const result = await work
      .run(async () => await make(input, await check(), enter))
      .finally(() => {
        deadline.end();
        cancelOverdue();
      });
    await others;
    const tidied = isDeleted() ? undefined : tidyFinished(input.videoId, local);
    if (!local) await tidied;
    const wanted = local ? isWebhookWanted(input) : undefined;
    // Before the end can be seen: a client that has waited for it may ask for the next video.
    await Promise.all([tidied, releaseSlotOf(input), wanted]);
    if (isDeleted()) return await remove(input);
    upsertMemo({ result } satisfies Partial<VideoMemo>);
    expire(result.expiresAt);
    enter('completed');
    countOutcome(input);
    await notify(input, 'video.completed', wanted);
    return isDeleted() ? await remove(input) : result;
  } catch (error) {
    // A fault of the workflow's own code is no verdict on the video: Temporal holds the job until it is mended.
    if (!(error instanceof TemporalFailure)) throw error;
    await others;
    const stoppedBy = status.cancelRequested ? 'cancelled' : null;
    const failure = jobFailure(error, status.stage, deadline.passed ? 'deadline_exceeded' : stoppedBy);
    const cancelled = failure.type === 'cancelled';
    if (cancelled && !isDeleted()) await tidy(input.videoId, { artefacts: true });
    await releaseSlotOf(input);
    if (isDeleted()) return await remove(input);
    const why = { code: failure.type as ErrorCode, message: failure.message };
    const during = status.stage;
    upsertMemo({ failure: why } satisfies Partial<VideoMemo>);
    expire(expiryOf(input));
    enter(cancelled ? 'cancelled' : 'failed');
    countOutcome(input, why.code);
    setCurrentDetails(failedDetails(input, during, why));
    await notify(input, 'video.failed');
    if (isDeleted()) return await remove(input);
    throw failure;
  }
}

/** Where it fails for now, or its worker stops, a local activity is not the end: the queue's own has more tries. */
async function validated(input: GenerateVideoInput, local: boolean): Promise<ValidateResult> {
  const options = { summary: describeShape(input) };
  if (local) {
    try {
      return await validateAtOnce.executeWithOptions(options, [input]);
    } catch (error) {
      if (isCancellation(error) || applicationFailureIn(error)?.nonRetryable) throw error;
    }
  }
  return await validate.executeWithOptions(options, [input]);
}

async function make(
  input: GenerateVideoInput,
  warnings: string[],
  enter: (stage: Stage) => void,
): Promise<GenerateVideoResult> {
  const { spec } = input;
  const shape = generatedShape(spec);
  // Only for the GPUs: on the CPU workers each account gets its turn, however long its videos are.
  const priorityKey = PRIORITY_KEYS[input.jobClass ?? 'short'];
  const generateOnce = async (options: ActivityOptions = {}): Promise<GenerateResult> => {
    enter('generating');
    const summary = `${shape.width}x${shape.height}, ${shape.numFrames} frames, ${spec.numInferenceSteps} steps`;
    return await generate.executeWithOptions({ summary, priority: { priorityKey }, ...options }, [input]);
  };
  let generated = await generateOnce();

  const generatedAt = Date.now();
  const encodeOnce = async (): Promise<EncodeResult> => {
    enter('encoding');
    return await encode.executeWithOptions({ summary: `${spec.numFrames} frames to H.264` }, [input, generated]);
  };
  const uploadOnce = async (encoded: EncodeResult): Promise<UploadResult> => {
    enter('uploading');
    return await upload.executeWithOptions({ summary: `${encoded.video.bytes} bytes of video` }, [input, encoded]);
  };
  let published: UploadResult | null = null;
  let madeAgain = false;
  for (let round = 1; published === null;) {
    try {
      published = await uploadOnce(await encodeOnce());
    } catch (error) {
      if (!madeAgain && areDamagedFrames(error) && patched(FRAMES_MADE_AGAIN)) {
        madeAgain = true;
        // From the last checkpoint, so no step is redone, and before jobs that have not begun.
        generated = await generateOnce({ priority: { priorityKey: BEGUN_PRIORITY_KEYS[input.jobClass ?? 'short'] } });
      } else if (round++ === ENCODE_ROUNDS || !isInvalidArtefact(error)) throw error;
    }
  }

  return {
    ...published,
    inferenceTimeS: generated.inferenceTimeS,
    peakMemoryMb: generated.peakMemoryMb,
    warnings: [...input.warnings, ...warnings],
    completedAt: Math.floor(Date.now() / 1000),
    expiresAt: expiryOf(input),
    timing: { ...generated.timing, publishS: (Date.now() - generatedAt) / 1000 },
  };
}

/** Deletes everything now, and what was written late after a while. */
async function remove({ videoId, accountId, earlierRuns = [] }: GenerateVideoInput): Promise<never> {
  await tidy(videoId, { artefacts: true, marksOf: accountId });
  return await removeAgain(videoId, REMOVE_AGAIN_AFTER, [...earlierRuns, workflowInfo().runId], accountId);
}

/** Has the whole group begin, whatever becomes of its first video and of who asked for it. */
async function startOthersOf(input: GenerateVideoInput): Promise<void> {
  if (othersOf(input).length === 0) return;
  await CancellationScope.nonCancellable(() => startOthers(input)).catch((error: unknown) =>
    log.error('Videos of the group may be missing', { error }),
  );
}

/** Releases the video's slot of its account; where that fails, the API finds it unused later. */
async function releaseSlotOf({ slot }: GenerateVideoInput): Promise<void> {
  if (slot === undefined) return;
  await CancellationScope.nonCancellable(() => releaseSlot(slot)).catch((error: unknown) =>
    log.warn('The slot is not released', { error }),
  );
}

/** Unix seconds from which on the files of a video that ends now are removed; null: with the video. */
function expiryOf({ keepS }: GenerateVideoInput): number | null {
  return keepS === undefined ? null : Math.floor(Date.now() / 1000) + keepS;
}

function expire(at: number | null): void {
  if (at !== null) upsertSearchAttributes([{ key: attributeKey('ExpiresAt'), value: new Date(at * 1000) }]);
}

const isInvalidArtefact = (error: unknown) => applicationFailureIn(error)?.type === 'artefact_invalid';

/** The one fault of encoding that trying again cannot help: the scratch store no longer has what was generated. */
function areDamagedFrames(error: unknown): boolean {
  const cause = applicationFailureIn(error);
  return cause?.type === 'encoding_failed' && cause.nonRetryable === true;
}
