import { LRUCache } from 'lru-cache';
import { CostModel, type Estimate } from '../../contract/cost/cost-model.ts';
import { passesOf, type WorkSpec } from '../../contract/cost/work.ts';
import type { ModelProfile } from '../../contract/model-profile.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { PendingActivity } from '../jobs/job-state.ts';
import type { Client } from '@temporalio/client';
import type { GenerateVideoInput, VideoMemo } from '../../contract/video-job.ts';
import type { GenerateVideoResult } from '../../contract/results.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';

/** Finished jobs that are read after a start, and at most at a time. */
const REMEMBERED = 200;
/** Shapes whose estimate is kept: clients may ask for any. */
const SHAPES = 10_000;

/**
 * What videos will take, learnt from those that are finished. It reads them from Temporal, so that a restart, or another API
 * process, knows the same.
 */
export class Estimator {
  readonly #temporal: Temporal;
  readonly #model: string;
  readonly #cost: CostModel;
  readonly #onNew: (video: FinishedVideo, expected: Estimate | null) => void;
  /** By shape and kind of device. */
  readonly #answers = new LRUCache<string, Estimate>({ max: SHAPES });
  #known = new Set<string>();
  #since: Date | null = null;

  /**
   * @param onNew told of each video that ends from now on, and of what was expected of it; null where no video of its kind
   *   of device was known
   */
  constructor(
    temporal: Temporal,
    profile: ModelProfile,
    onNew: (video: FinishedVideo, expected: Estimate | null) => void = () => {},
  ) {
    this.#temporal = temporal;
    this.#model = profile.id;
    this.#cost = new CostModel(profile.architecture);
    this.#onNew = onNew;
  }

  /** Takes in what has finished since the last time. @throws ApiError `service_unavailable` */
  async learn(): Promise<void> {
    const since = this.#since;
    const videos = await this.#temporal.call((client) => finishedVideos(client, this.#model, REMEMBERED, since));
    const fresh = videos.filter(({ runId }) => !this.#known.has(runId));
    for (const video of fresh) {
      const { spec } = video.input;
      const { timing } = video.result;
      const known = this.#cost.isCalibrated(timing.deviceKind);
      if (since !== null) this.#onNew(video, known ? this.#cost.estimate(spec, timing.deviceKind) : null);
      this.#cost.learn({ spec, timing });
    }
    this.#known = new Set(videos.map(({ runId }) => runId));
    this.#since = videos.at(-1)?.closedAt ?? since ?? new Date();
    if (fresh.length > 0) this.#answers.clear();
  }

  /**
   * @param kind of device; where it is not known, the kind that made the last video
   * @returns null where no kind is known
   */
  estimate(spec: WorkSpec, kind: string | null): Estimate | null {
    const known = kind ?? this.latestKind;
    if (known === null) return null;
    const { width, height, numFrames, numInferenceSteps } = spec;
    const key = `${width}x${height} ${numFrames} ${numInferenceSteps} ${passesOf(spec)} ${known}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) this.#answers.set(key, (answer = this.#cost.estimate(spec, known)));
    return answer;
  }

  /** Kind of device that made the last video; null while none is known. */
  get latestKind(): string | null {
    return this.#cost.latestKind;
  }

  /** True once a job of that kind of device was measured. @param kind as in {@link estimate} */
  isCalibrated(kind: string | null): boolean {
    const known = kind ?? this.latestKind;
    return known !== null && this.#cost.isCalibrated(known);
  }

  /** Seconds from the stored frames to the published files; they do not depend on the device. */
  publishS(spec: WorkSpec): number {
    return this.estimate(spec, this.latestKind ?? 'cpu')!.publishS;
  }
}

/** Share of the time between the frames and the published files that comes after the encoding. */
const UPLOAD_SHARE = 0.3;

/** Seconds until a job that is being made is completed; null while it is unknown. */
export function remainingS(
  estimator: Estimator,
  { spec }: GenerateVideoInput,
  { type, startedAt, heartbeat }: PendingActivity,
): number | null {
  const publishS = estimator.publishS(spec);
  const elapsedS = startedAt === null ? 0 : Math.max(0, Date.now() - startedAt) / 1000;
  switch (type) {
    case 'generate': {
      const deviceS = heartbeat?.etaSeconds ?? leftOf(estimator.estimate(spec, null)?.deviceS, elapsedS);
      return deviceS === null ? null : deviceS + publishS;
    }
    case 'encode':
      return Math.max(UPLOAD_SHARE * publishS, publishS - elapsedS);
    case 'upload':
      return Math.max(0, UPLOAD_SHARE * publishS - elapsedS);
    default:
      return null;
  }
}

const leftOf = (whole: number | undefined, elapsed: number) =>
  whole === undefined ? null : Math.max(0, whole - elapsed);

export interface FinishedVideo {
  runId: string;
  input: GenerateVideoInput;
  result: GenerateVideoResult;
  closedAt: Date;
}

/** Temporal lists a closed workflow a moment after its end, and workflows that ended together in any order. */
const OVERLAP_MS = 60_000;

/**
 * The newest completed videos of a model, oldest first.
 *
 * @param since leaves out those that ended long before
 */
export async function finishedVideos(
  { workflow }: Client,
  model: string,
  limit: number,
  since: Date | null,
): Promise<FinishedVideo[]> {
  const query = [
    `WorkflowType = "${GENERATE_VIDEO}"`,
    'ExecutionStatus = "Completed"',
    `Model = "${model}"`,
    ...(since === null ? [] : [`CloseTime > "${new Date(since.getTime() - OVERLAP_MS).toISOString()}"`]),
  ].join(' AND ');
  const found: FinishedVideo[] = [];
  for await (const { runId, memo, closeTime } of workflow.list({ query, pageSize: limit })) {
    const { input, result } = (memo ?? {}) as Partial<VideoMemo>;
    // A run that ended as a removal has another memo.
    if (input && result?.timing && closeTime) found.push({ runId, input, result, closedAt: closeTime });
    if (found.length === limit) break;
  }
  return found.toSorted((a, b) => a.closedAt.getTime() - b.closedAt.getTime());
}
