import { GENERATE_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Health } from './schema.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { WorkerRegistry } from '../workers/registry.ts';
import { HostMeter } from './host-load.ts';

/** Numbers of the whole service that are answered without waiting: refreshed in the background, null while unknown. */
export class Overview {
  readonly #temporal: Temporal;
  readonly #queue: JobQueue;
  readonly #workers: WorkerRegistry;
  readonly #host = new HostMeter();
  #completed: number | null = null;

  constructor(temporal: Temporal, queue: JobQueue, workers: WorkerRegistry) {
    this.#temporal = temporal;
    this.#queue = queue;
    this.#workers = workers;
  }

  /** To be called every few seconds. @throws ApiError `service_unavailable` */
  async refresh(): Promise<void> {
    this.#host.measure();
    await this.#queue.refresh();
    const query = `WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus = "Completed" AND Stage = "completed"`;
    this.#completed = (await this.#temporal.call(({ workflow }) => workflow.count(query))).count;
  }

  get health(): Health {
    const gpus = this.#workers.known.flatMap(({ taskQueue, host, status }) =>
      taskQueue === TASK_QUEUES.gpu ? (status?.gpus ?? []).map((gpu) => ({ host, ...gpu })) : [],
    );
    // Several workers of one machine see the same GPUs.
    const gpu = [...new Map(gpus.map((found) => [`${found.host} ${found.index}`, found])).values()];
    return {
      status: 'ok',
      ...this.#host.load,
      gpu: gpu.length === 0 ? null : gpu,
      active: this.#queue.counts?.active ?? null,
      queued: this.#queue.counts?.queued ?? null,
      completed: this.#completed,
    };
  }
}
