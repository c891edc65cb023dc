import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { pollers } from '../../../api/workers/pollers.ts';
import { keys } from '../../../storage/keys.ts';
import { LocalStore } from '../../../storage/local.ts';
import { forEachLosslessFrame } from '../../../media/lossless-reader.ts';
import { parseIdentity } from '../../../temporal/worker-identity.ts';
import type { GenerateVideoInput, VideoSpec } from '../../../contract/video-job.ts';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';
import type { GenerateResult, StoredFile } from '../../../contract/results.ts';
import type { CpuActivities, WebhookActivities } from '../../../contract/activities.ts';
import { GENERATE_VIDEO, TASK_QUEUES } from '../../../contract/names.ts';
import { PRIORITY_KEYS } from '../../../contract/cost/job-class.ts';
import { NO_WEBHOOKS } from './accounts.ts';
import { RANDOM_MODEL } from '../model/model-folder.ts';
import { TemporalHarness } from './temporal-harness.ts';
import { WorkerProcess } from './worker-process.ts';

const FILE: StoredFile = { key: 'k', bytes: 1, sha256: '', contentType: 'x/y' };
const FILES = { video: FILE, thumbnail: FILE, spritesheet: FILE };

/**
 * Temporal's dev server with the real workflow and GPU workers as processes of their own, on the tiny random model.
 * What comes after `generate` is a stand-in that keeps the scratch files for the test to look at.
 */
export class GpuHarness {
  /** What `generate` answered, by video. */
  readonly results = new Map<string, GenerateResult>();
  readonly client: Client;
  readonly scratch: LocalStore;
  readonly #folder: string;
  readonly #temporal: TemporalHarness;
  readonly #workers: WorkerProcess[] = [];
  readonly #submitted: WorkflowHandle[] = [];

  private constructor(temporal: TemporalHarness, folder: string) {
    this.client = temporal.client;
    this.scratch = new LocalStore(join(folder, 'scratch'));
    this.#folder = folder;
    this.#temporal = temporal;
  }

  static async start(): Promise<GpuHarness> {
    const temporal = await TemporalHarness.start();
    const harness = new GpuHarness(temporal, await mkdtemp(join(tmpdir(), 'kinora-gpu-')));
    await temporal.workers.start({
      taskQueue: TASK_QUEUES.cpu,
      workflowsPath: fileURLToPath(new URL('./generate-workflow.js', import.meta.url)),
      activities: harness.#standIns(),
    });
    return harness;
  }

  get temporalPort(): number {
    return Number(new URL(`http://${this.#temporal.server.address}`).port);
  }

  /** Ends every worker and every job that a test has left. */
  async clear(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.stop()));
    await Promise.all(this.#submitted.splice(0).map((handle) => handle.terminate().catch(() => {})));
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.#temporal.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Starts a GPU worker and waits until it takes work. */
  async worker(env: Record<string, string> = {}): Promise<WorkerProcess> {
    const worker = new WorkerProcess('gpu-worker/worker.js', {
      TEMPORAL_ADDRESS: this.#temporal.server.address,
      SCRATCH_URL: pathToFileURL(join(this.#folder, 'scratch')).href,
      MODEL_DIR: RANDOM_MODEL,
      CPU_THREADS: '1',
      CHECKPOINT_STEPS: '3',
      ...env,
    });
    this.#workers.push(worker);
    await worker.saw('Ready for work');
    while (!(await this.#polls(worker))) await sleep(20);
    return worker;
  }

  /** Starts the workflow for a video of the spec. */
  async submit(spec: VideoSpec, workflow = GENERATE_VIDEO): Promise<WorkflowHandle> {
    const videoId = `video_${randomUUID()}`;
    const input: GenerateVideoInput = { videoId, accountId: 'a', spec, warnings: [], createdAt: 0 };
    const priority = { priorityKey: PRIORITY_KEYS.short, fairnessKey: input.accountId };
    const options = { workflowId: videoId, taskQueue: TASK_QUEUES.cpu, priority, args: [input] };
    const handle = await this.client.workflow.start(workflow, options);
    this.#submitted.push(handle);
    return handle;
  }

  /** Temporal stands still for as long as the work lasts. */
  async withoutTemporal(work: () => Promise<unknown>): Promise<void> {
    process.kill(this.#temporal.server.pid, 'SIGSTOP');
    try {
      await work();
    } finally {
      process.kill(this.#temporal.server.pid, 'SIGCONT');
    }
  }

  /** The activity that a job waits for, as Temporal describes it. */
  async pending(handle: WorkflowHandle) {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.[0] ?? null;
  }

  /** The newest heartbeat of the running attempt. */
  async heartbeat(handle: WorkflowHandle): Promise<GenerateHeartbeat | null> {
    const [payload] = (await this.pending(handle))?.heartbeatDetails?.payloads ?? [];
    return payload?.data ? (JSON.parse(Buffer.from(payload.data).toString()) as GenerateHeartbeat) : null;
  }

  /** SHA-256 of a video's lossless frames as they decode. */
  async framesOf(videoId: string): Promise<string> {
    const file = join(this.#folder, `${videoId}.mkv`);
    await this.scratch.getToFile(keys.frames(videoId), file);
    const { sha256 } = await forEachLosslessFrame(file, () => {});
    return sha256;
  }

  /** Whether Temporal has been asked for work by it. */
  async #polls({ pid }: WorkerProcess): Promise<boolean> {
    return (await pollers(this.client)).some(({ identity }) => parseIdentity(identity).pid === pid);
  }

  #standIns(): CpuActivities & WebhookActivities {
    return {
      ...NO_WEBHOOKS,
      validate: async () => ({ promptTokens: 1, negativePromptTokens: 1, warnings: [] }),
      encode: async ({ videoId }, generated) => {
        this.results.set(videoId, generated);
        return FILES;
      },
      upload: async () => ({ artefacts: FILES }),
      cleanUp: async () => {},
    };
  }
}
