import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../../../activities/create-activities.ts';
import { keys } from '../../../storage/keys.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { workflowBundle } from '../../../temporal/bundle.ts';
import type { DevServer } from '../../../temporal/dev-server/dev-server.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import type { GenerateResult, GenerateVideoResult } from '../../../contract/results.ts';
import { GENERATE_VIDEO, TASK_QUEUES } from '../../../contract/names.ts';
import { openAccounts } from '../../../tools/harness/services/accounts.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { generateClip } from '../../../tools/harness/model/clips.ts';
import { GatedStore } from '../gated-store.ts';
import { TemporalHarness } from '../../../tools/harness/services/temporal-harness.ts';

type VideoHandle = WorkflowHandleWithFirstExecutionRunId<(input: GenerateVideoInput) => Promise<GenerateVideoResult>>;

/**
 * The real workflow and the real CPU activities on Temporal's dev server; on the GPU queue a stand-in for the model,
 * which writes real frames of a moving square.
 */
export class CpuHarness {
  /** What `generate` does. Set by a test. */
  generate: (input: GenerateVideoInput) => Promise<GenerateResult> = (input) => generateClip(this.scratch, input);
  readonly client: Client;
  readonly server: DevServer;
  readonly folder: string;
  readonly scratch: GatedStore;
  readonly artefacts: GatedStore;
  readonly #temporal: TemporalHarness;

  private constructor(temporal: TemporalHarness, folder: string) {
    this.client = temporal.client;
    this.server = temporal.server;
    this.folder = folder;
    this.scratch = new GatedStore(join(folder, 'scratch'));
    this.artefacts = new GatedStore(join(folder, 'artefacts'));
    this.#temporal = temporal;
  }

  static async start(): Promise<CpuHarness> {
    return new CpuHarness(await TemporalHarness.start(), await mkdtemp(join(tmpdir(), 'kinora-cpu-')));
  }

  async startCpuWorker(): Promise<void> {
    const logger = createLogger('test', 'silent');
    const activities = await createActivities({
      accounts: await openAccounts(),
      scratch: this.scratch,
      artefacts: this.artefacts,
      profile: await loadProfile(MOCHI_TINY),
      countTokens: async (text) => text.split(' ').length + 1,
      tempDir: join(this.folder, 'temp'),
      logger,
      temporal: () => this.client,
    });
    await this.#run({
      taskQueue: TASK_QUEUES.cpu,
      workflowBundle: { codePath: await workflowBundle(logger) },
      activities,
    });
    await this.#run({ taskQueue: TASK_QUEUES.exports, activities });
  }

  async startGpuWorker(): Promise<void> {
    await this.#run({
      taskQueue: TASK_QUEUES.gpu,
      activities: {
        generate: async (input: GenerateVideoInput) => {
          const beat = setInterval(() => Context.current().heartbeat(), 200);
          return await this.generate(input).finally(() => clearInterval(beat));
        },
      },
    });
  }

  async stop(): Promise<void> {
    await this.#temporal.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async submit(input: GenerateVideoInput): Promise<VideoHandle> {
    const options = { workflowId: input.videoId, taskQueue: TASK_QUEUES.cpu, args: [input] as [GenerateVideoInput] };
    return await this.client.workflow.start<(input: GenerateVideoInput) => Promise<GenerateVideoResult>>(
      GENERATE_VIDEO,
      options,
    );
  }

  /** Local path of an object in a store. */
  pathOf(store: GatedStore, key: string): string {
    return join(fileURLToPath(store.url), key);
  }

  /** Names of a video's files in both stores. */
  async filesOf(videoId: string): Promise<{ scratch: string[]; artefacts: string[] }> {
    const prefix = keys.prefix(videoId);
    const names = async (store: GatedStore) => {
      const found: string[] = [];
      for await (const { key } of store.list(prefix)) found.push(key.slice(prefix.length));
      return found;
    };
    return { scratch: await names(this.scratch), artefacts: await names(this.artefacts) };
  }

  #run(options: WorkerOptions): Promise<void> {
    return this.#temporal.workers.start({ maxHeartbeatThrottleInterval: '100ms', ...options });
  }
}
