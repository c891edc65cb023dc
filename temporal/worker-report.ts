import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { ERRORS, isErrorCode } from '../contract/errors.ts';
import type { WorkerEquipment, WorkerStatus } from '../contract/worker-status.ts';

const NOTHING: WorkerEquipment = { device: null, device_kind: null, model: null, warm_since: null, gpus: null };

/** What activities are called while they run, where they say nothing else. */
const PHASES: Record<string, string> = {
  validate: 'validating',
  generate: 'loading',
  encode: 'encoding',
  upload: 'uploading',
};

type Current = NonNullable<WorkerStatus['current']>;

/** Keeps what a worker tells operators of itself: what it is doing, and how that has gone so far. */
export class WorkerReport {
  readonly #kind: WorkerStatus['kind'];
  readonly #equipment: () => WorkerEquipment;
  /** By attempt, the oldest first. */
  readonly #current = new Map<object, Current>();
  #completed = 0;
  #failed = 0;
  #lastError: WorkerStatus['last_error'] = null;

  /** @param equipment asked for each report */
  constructor(kind: WorkerStatus['kind'], equipment: () => WorkerEquipment = () => NOTHING) {
    this.#kind = kind;
    this.#equipment = equipment;
  }

  /** The running attempt at a video has come further. */
  progress(videoId: string, { phase, step, steps }: Omit<Current, 'video_id'>): void {
    for (const current of this.#current.values()) {
      if (current.video_id === videoId) Object.assign(current, { phase, step, steps });
    }
  }

  status(ready: boolean): WorkerStatus {
    return {
      kind: this.#kind,
      ready,
      ...this.#equipment(),
      current: this.#current.values().next().value ?? null,
      last_error: this.#lastError,
      completed: this.#completed,
      failed: this.#failed,
    };
  }

  /** Watches the activities of the worker. */
  readonly interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      execute: async (input, next) => {
        const phase = PHASES[info.activityType];
        const attempt = {};
        if (phase !== undefined) {
          const videoId = info.workflowExecution?.workflowId ?? '';
          this.#current.set(attempt, { video_id: videoId, phase, step: null, steps: null });
        }
        try {
          const result = await next(input);
          this.#completed++;
          return result;
        } catch (error) {
          this.#note(error);
          throw error;
        } finally {
          this.#current.delete(attempt);
        }
      },
    },
  });

  #note(error: unknown): void {
    if (error instanceof CancelledFailure) return;
    const known = error instanceof ApplicationFailure && isErrorCode(error.type) ? error : null;
    const code = known === null || !isErrorCode(known.type) ? 'internal_error' : known.type;
    if (code === 'worker_shutdown') return;
    this.#failed++;
    this.#lastError = {
      at: Math.floor(Date.now() / 1000),
      code,
      message: known?.message ?? ERRORS[code].message,
    };
  }
}
