import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { type Export, type ExportInput, exportId } from '../../contract/exports.ts';
import { EXPORT_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import type { StoredFile } from '../../contract/results.ts';
import { errorOf } from '../../temporal/error-of.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { ApiError } from '../errors/errors.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { VideoRecord } from '../jobs/video-object.ts';

/** How long a request waits for an export that is being made, in ms; a short clip takes less. */
const WAIT_MS = 4_000;
/** Between two looks at it, in ms. */
const LOOK_MS = 250;
/** Exports of which it is kept where they are. */
const KNOWN = 10_000;

/** Other forms of finished videos: each is a workflow, started by who asks first, and its result says where the file is. */
export class Exports {
  readonly #temporal: Temporal;
  readonly #known = new LRUCache<string, StoredFile>({ max: KNOWN });
  readonly #asking = new SingleFlightCache<{ file: StoredFile | null }>(0);

  constructor(temporal: Temporal) {
    this.#temporal = temporal;
  }

  /**
   * The file of an export of a finished video, which the caller may see.
   *
   * @param video the finished MP4
   * @throws ApiError `export_not_ready`, `export_failed`, `video_expired`, `service_unavailable`
   */
  async file({ input }: VideoRecord, video: StoredFile, variant: Export): Promise<StoredFile> {
    const id = exportId(input.videoId, variant);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { videoId, spec, accountId } = input;
    const asked = { videoId, variant, video, numFrames: spec.numFrames };
    // Those who ask at the same time wait together.
    const { file } = await this.#asking.get(id, async () => ({ file: await this.#made(id, asked, accountId) }));
    if (file === null) {
      throw new ApiError('export_not_ready', {
        message: `The ${variant} of this video is being made. Ask again in a few seconds.`,
      });
    }
    this.#known.set(id, file);
    return file;
  }

  /** Null while it is being made. */
  async #made(id: string, input: ExportInput, accountId: string): Promise<StoredFile | null> {
    await this.#start(id, input, accountId);
    for (const end = performance.now() + WAIT_MS; ; await sleep(LOOK_MS)) {
      const { status } = await this.#temporal.call(({ workflow }) => workflow.getHandle(id).describe());
      if (status.name !== 'RUNNING' && status.name !== 'PAUSED') return await this.#result(id);
      if (performance.now() > end) return null;
    }
  }

  /** One that was made, or is being made, stays as it is; one that has failed is made once more. */
  async #start(workflowId: string, input: ExportInput, accountId: string): Promise<void> {
    try {
      await this.#temporal.call(({ workflow }) =>
        workflow.start(EXPORT_VIDEO, {
          taskQueue: TASK_QUEUES.cpu,
          workflowId,
          args: [input],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          // Its activity inherits it: each account gets its turn.
          priority: { fairnessKey: accountId },
          staticSummary: `${input.variant} of ${input.videoId}`,
        }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  async #result(id: string): Promise<StoredFile> {
    try {
      return await this.#temporal.call(({ workflow }) => workflow.getHandle(id).result() as Promise<StoredFile>);
    } catch (error) {
      const { code } = errorOf(error);
      if (error instanceof ApiError) throw error;
      throw new ApiError(code === 'video_expired' || code === 'service_unavailable' ? code : 'export_failed', {
        cause: error,
      });
    }
  }
}
