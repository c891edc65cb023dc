import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type WorkflowStartInput } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { newVideoId } from '../../api/jobs/video-object.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import type { GenerateVideoResult, StoredFile } from '../../contract/results.ts';
import { startVideo } from '../../temporal/start-video.ts';
import { jobOf } from '../harness/model/clips.ts';

/** Starts on their way to Temporal at the same time. */
const AT_ONCE = 32;
/** Between the `created_at` of two videos, in ms. */
const APART_MS = 60_000;

/**
 * Puts a finished video of each prompt into Temporal, the first the oldest, with memo and search attributes as the API and the
 * workflow write them. Nothing runs: each workflow is over once its second has passed.
 */
export async function seedVideos({ connection, options }: Client, prompts: readonly string[]): Promise<void> {
  const client = new Client({
    connection,
    namespace: options.namespace,
    interceptors: {
      workflow: [{ startWithDetails: (input, next) => next({ ...input, options: ended(input.options) }) }],
    },
  });
  const rest = prompts.entries();
  const from = Date.now() - prompts.length * APART_MS;
  const startInTurn = async () => {
    for (const [i, prompt] of rest) {
      const at = from + i * APART_MS;
      await startVideo(client, { ...jobOf(newVideoId(at), { prompt }), createdAt: Math.floor(at / 1000) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, startInTurn));
  const listed = `WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus = "TimedOut"`;
  while ((await client.workflow.count(listed)).count < prompts.length) await sleep(500);
}

/** A memo that says how the video ended, and an end without a worker. */
const ended = (options: WorkflowStartInput['options']): WorkflowStartInput['options'] => ({
  ...options,
  workflowExecutionTimeout: msToTs('1s'),
  memo: { ...options.memo, result: RESULT },
});

const file = (contentType: string): StoredFile => ({ key: 'none', bytes: 1_000, sha256: '0'.repeat(64), contentType });
const RESULT: GenerateVideoResult = {
  artefacts: { video: file('video/mp4'), thumbnail: file('image/webp'), spritesheet: file('image/webp') },
  inferenceTimeS: 60,
  peakMemoryMb: 1_000,
  warnings: [],
  completedAt: 1_800_000_000,
  expiresAt: null,
  timing: { deviceKind: 'cpu', loadS: 0, denoiseS: 50, decodeS: 10, publishS: 1 },
};
