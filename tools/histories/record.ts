import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, type WorkflowHandle, WorkflowIdReusePolicy } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { LocalStore } from '../../storage/local.ts';
import { type ExportInput, exportId } from '../../contract/exports.ts';
import { failure } from '../../contract/failure.ts';
import type { GenerateVideoInput } from '../../contract/video-job.ts';
import {
  CANCEL_SIGNAL,
  CLEAN_UP_LATER,
  DELETE_SIGNAL,
  EXPIRE_VIDEOS,
  EXPORT_VIDEO,
  GENERATE_VIDEO,
  REMEMBER_REQUEST,
  REMOVE_VIDEO,
  RESERVATION,
  TASK_QUEUES,
} from '../../contract/names.ts';
import { StandInWorkers, untilCancelled } from '../harness/services/stand-in-workers.ts';
import { TemporalHarness } from '../harness/services/temporal-harness.ts';

/** Accounts whose webhook answers, and whose wants no more messages; others have none. */
const TOLD = 'told';
const GONE = 'gone';
const SPEC: GenerateVideoInput['spec'] = {
  prompt: 'a red circle moving left',
  negativePrompt: '',
  model: 'mochi-tiny',
  width: 96,
  height: 96,
  numFrames: 13,
  fps: 12,
  seed: 7,
  numInferenceSteps: 8,
  guidanceScale: 3,
};

/**
 * Lets every shape of workflow happen on a real Temporal server, with stand-ins for the activities.
 *
 * @returns the histories, by what happened
 */
export async function recordHistories(): Promise<Map<string, History>> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-histories-'));
  const temporal = await TemporalHarness.start();
  const workers = new StandInWorkers(temporal.connection, new LocalStore(folder), {
    wantsWebhook: (account) => Promise.resolve(account === TOLD || account === GONE),
    postWebhook: ({ accountId }) =>
      accountId === GONE ? Promise.reject(failure('webhook_gone')) : Promise.resolve({ status: 200 }),
  });
  try {
    await workers.startCpuWorker();
    await workers.startGpuWorker();
    return await record(temporal.client, workers);
  } finally {
    await workers.stop();
    await temporal.stop();
    await rm(folder, { recursive: true });
  }
}

async function record(client: Client, workers: StandInWorkers): Promise<Map<string, History>> {
  const histories = new Map<string, History>();
  const keep = async (name: string, handle: WorkflowHandle) => {
    await handle.result().catch(() => {});
    histories.set(name, await handle.fetchHistory());
  };
  const start = async (workflow: string, workflowId: string, ...args: unknown[]) => {
    const { firstExecutionRunId } = await client.workflow.start(workflow, {
      workflowId,
      taskQueue: TASK_QUEUES.cpu,
      args,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    });
    // This run alone: one that is deleted goes on as its removal, and a removal goes on as the next.
    return client.workflow.getHandle(workflowId, firstExecutionRunId, { followRuns: false });
  };
  const begin = async (more: Partial<GenerateVideoInput> = {}) => {
    const videoId = more.videoId ?? `video_${randomUUID()}`;
    const input = { videoId, accountId: 'a', spec: SPEC, warnings: [], createdAt: 0, keepS: 3600, ...more };
    return await start(GENERATE_VIDEO, videoId, input);
  };
  const deliveryOf = async ({ workflowId }: WorkflowHandle): Promise<WorkflowHandle> => {
    for (;;) {
      for await (const info of client.workflow.list({ query: 'WorkflowType = "deliverWebhook"' })) {
        if (info.workflowId.startsWith(`webhook_${workflowId}`)) return client.workflow.getHandle(info.workflowId);
      }
      await sleep(100);
    }
  };
  const whileGenerating = async (act: (handle: WorkflowHandle) => Promise<unknown>) => {
    let started!: () => void;
    const underway = new Promise<void>((resolve) => (started = resolve));
    workers.generate = (_input, beat) => (started(), untilCancelled(() => beat({ phase: 'denoising' })));
    const handle = await begin();
    await underway;
    await act(handle);
    return handle;
  };

  const completed = await begin({ accountId: TOLD });
  await keep('generate-video-completed', completed);
  await keep('deliver-webhook', await deliveryOf(completed));
  const unwanted = await begin({ accountId: GONE });
  await unwanted.result();
  await keep('deliver-webhook-gone', await deliveryOf(unwanted));

  workers.generate = () => Promise.reject(failure('out_of_memory'));
  const failed = await begin({ accountId: TOLD });
  await keep('generate-video-failed', failed);
  // Taken up again under its id, and handed over from one worker to another on the way.
  let attempts = 0;
  workers.generate = () => (++attempts < 3 ? Promise.reject(failure('worker_shutdown')) : Promise.resolve());
  await keep('generate-video-retried', await begin({ videoId: failed.workflowId, accountId: TOLD }));

  await keep('generate-video-cancelled', await whileGenerating((handle) => handle.signal(CANCEL_SIGNAL)));
  await keep('generate-video-cancelled-by-temporal', await whileGenerating((handle) => handle.cancel()));
  await keep('generate-video-deleted', await whileGenerating((handle) => handle.signal(DELETE_SIGNAL)));
  workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising' }));
  const deadline = { at: Math.floor(Date.now() / 1000) + 2, seconds: 2 };
  await keep('generate-video-deadline-exceeded', await begin({ deadline }));
  workers.generate = () => Promise.resolve();
  const inTime = { at: Math.floor(Date.now() / 1000) + 600, seconds: 600 };
  await keep('generate-video-in-time', await begin({ deadline: inTime }));
  const slot = { workflowId: 'slot_a_0', runId: randomUUID(), number: 0 };
  await keep('generate-video-in-a-slot', await begin({ slot }));
  const group = { id: 'group_a', index: 0, others: [{ videoId: `video_${randomUUID()}`, seed: 8 }] };
  await keep('generate-video-first-of-a-group', await begin({ group }));
  workers.generate = () => Promise.reject(failure('out_of_memory'));
  await keep('generate-video-failed-in-a-slot', await begin({ slot }));

  await keep('remove-video-forgets-again', await start(REMOVE_VIDEO, 'video_removed', 'video_removed'));
  await keep(
    'remove-video-forgets-at-once',
    await start(REMOVE_VIDEO, 'video_removed_again', 'video_removed_again', '1s', [randomUUID()]),
  );
  await keep('expire-videos-sweeps', await start(EXPIRE_VIDEOS, 'expiry'));
  await keep('reservation', await start(RESERVATION, 'slot_a_1'));
  await keep('clean-up-later', await start(CLEAN_UP_LATER, 'cleanup_video_later', 'video_later'));
  const video = { key: 'videos/video_exported/video.mp4', bytes: 1, sha256: '', contentType: 'video/mp4' };
  workers.makeExport = ({ video: made }) => Promise.resolve(made);
  const exported: ExportInput = { videoId: 'video_exported', variant: 'gif', video, numFrames: 13 };
  await keep('export-video', await start(EXPORT_VIDEO, exportId('video_exported', 'gif'), exported));
  workers.makeExport = () => Promise.reject(failure('video_expired'));
  const gone: ExportInput = { ...exported, variant: 'webm' };
  await keep('export-video-of-a-removed-one', await start(EXPORT_VIDEO, exportId('video_exported', 'webm'), gone));
  await keep('remember-request', await start(REMEMBER_REQUEST, 'idempotency_key'));
  return histories;
}
