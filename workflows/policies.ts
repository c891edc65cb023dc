import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import { TASK_QUEUES } from '../contract/names.ts';

/**
 * How long each activity may take and how often it is tried, with the reason for every number. None that a video needs
 * has a `scheduleToStartTimeout` or `scheduleToCloseTimeout`: a long queue must not time a job out.
 *
 * Attempts are used up by orderly handovers (deploys, evicted machines) as well as by faults, so none is capped low;
 * an error that trying again cannot help stops at once (`retryable: false` in `errors.ts`).
 */
export const POLICIES = {
  /** Reads the prompt's tokens and compares numbers. */
  validate: {
    // Milliseconds of work, and without heartbeats as long as their timeout elsewhere: all that a killed worker costs.
    startToCloseTimeout: '10s',
    // 31 s, then 4 × 30 s: two and a half minutes, the time a broken worker needs to be replaced.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 10 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },

  /** The same in the worker that runs the workflow, once. */
  validateAtOnce: {
    startToCloseTimeout: '5s',
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },

  /** Minutes to hours of a GPU. */
  generate: {
    taskQueue: TASK_QUEUES.gpu,
    // The worker sends at most 1 s apart: ten beats missed means that it is gone, and the next one takes over. A Temporal
    // whose database is away for longer ends attempts of living workers too. That costs no step: once they hear of it
    // they leave their latents to the next attempt, and a note that nothing crashed.
    heartbeatTimeout: '10s',
    // Only a backstop: the longest clip takes hours, and a device that hangs is caught by the worker's step deadline.
    startToCloseTimeout: '24h',
    // The first retry at once, for it is mostly a handover with a checkpoint to go on from; never more than half a
    // minute of an idle GPU between two. Thirty covers an hour of evictions every two minutes; crashes at one place are
    // counted by the activity, which gives up with `worker_lost` at the third.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 30 },
    // The workflow ends only when the device is free again.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },

  /** Seconds of the CPU for a usual clip. */
  encode: {
    // Sent every second; a worker that was killed is replaced in ten.
    heartbeatTimeout: '10s',
    // The longest clip, 241 frames of 1920x1080, takes about two minutes on two cores: ten times that, and the store.
    startToCloseTimeout: '30m',
    // The frames were paid for on a GPU: 63 s, then 13 × 60 s, is a quarter of an hour without a store. Afterwards the
    // job fails, with its frames kept.
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '60s',
      maximumAttempts: 20,
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },

  /** Decodes the finished file and copies it from one store to the other. */
  upload: {
    heartbeatTimeout: '10s',
    // Decoding is faster than encoding; the rest is for a slow link to the artefact store.
    startToCloseTimeout: '30m',
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '60s',
      maximumAttempts: 20,
      // The same file would not decode the second time either: the workflow encodes again instead.
      nonRetryableErrorTypes: ['artefact_invalid'],
    },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },

  /** Seconds to minutes of the CPU, for a client that waits and asks again. */
  makeExport: {
    taskQueue: TASK_QUEUES.exports,
    heartbeatTimeout: '10s',
    // VP9 of the longest clip takes some minutes.
    startToCloseTimeout: '1h',
    // Handovers and a store that is away for a moment; who asks after that begins anew.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 10 },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  },

  /** Deletes a handful of objects. */
  cleanUp: {
    // A video is completed, or its cancel done, only after it: a client must not wait long because a worker is gone.
    heartbeatTimeout: '10s',
    startToCloseTimeout: '2m',
    // As long as encode and upload; what is left then is for the sweep of old videos.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '60s', maximumAttempts: 20 },
    // A second cancel must not stop the cleaning up after the first.
    cancellationType: ActivityCancellationType.ABANDON,
  },

  /** The same for a finished video, which must not wait for a store that is down. */
  cleanUpAtOnce: {
    // What takes longer goes on in a workflow of its own. A local activity is retried for a minute whatever its
    // `scheduleToCloseTimeout`, so its attempts are counted.
    scheduleToCloseTimeout: '10s',
    startToCloseTimeout: '5s',
    retry: { initialInterval: '1s', maximumAttempts: 2 },
    cancellationType: ActivityCancellationType.ABANDON,
  },

  /** A few calls of Temporal. */
  forgetVideo: {
    startToCloseTimeout: '1m',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '60s' },
  },

  /** One call of Temporal, at the end of a video: a slot that is not released is found by the request that needs one. */
  releaseSlot: {
    startToCloseTimeout: '10s',
    retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumAttempts: 3 },
  },

  /** Seven calls of Temporal at most, at the beginning of a group's first video; mostly they only find what is there. */
  startOthers: {
    startToCloseTimeout: '30s',
    // Nobody else will do it.
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 100 },
  },

  /** A search, and a few calls for each reservation that is found; what is done stays done. */
  sweepReservations: {
    startToCloseTimeout: '10m',
    retry: { initialInterval: '10s', backoffCoefficient: 2, maximumAttempts: 5 },
  },

  /** A search, and a few deletes for each video that is found; what is done stays done. */
  removeExpired: {
    heartbeatTimeout: '1m',
    startToCloseTimeout: '1h',
    retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '10m' },
  },

  /** A read from memory, in the worker that runs the workflow. */
  wantsWebhook: {
    startToCloseTimeout: '5s',
    retry: { maximumAttempts: 3 },
  },

  /** One request to a server outside this service. */
  postWebhook: {
    heartbeatTimeout: '10s',
    // The receiver has 15 s.
    startToCloseTimeout: '30s',
    // The first try and the nine waits of the activity's own schedule; these are for workers that end in between.
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1h', maximumAttempts: 10 },
    // Slow receivers must not keep encoders waiting.
    priority: { priorityKey: 5 },
  },
} as const satisfies Record<string, ActivityOptions>;

/** Times that a file which does not decode is encoded afresh: twice the same result is a fault of the encoder. */
export const ENCODE_ROUNDS = 2;
