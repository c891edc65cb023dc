import type { Client } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { type PendingActivity, pendingActivity } from '../jobs/job-state.ts';
import type { UnfinishedJob } from './unfinished.ts';

/** A job that a GPU worker has. */
export interface RunningJob {
  job: UnfinishedJob;
  /** What it calls itself. */
  worker: string;
  /** When this attempt began, ms since 1970. */
  startedAt: number;
  /** Estimated seconds until the GPU is free, and when that was said, ms since 1970; null while the worker has not said. */
  eta: { seconds: number; at: number } | null;
}

/** How old what is known of a running job may be. */
const STALE_MS = 5_000;
/** Descriptions that one refresh may cost. */
const MOST_DESCRIPTIONS = 10;
/** Waiting jobs that are described though every worker is thought to be busy: there may be one more. */
const SPARE = 2;

/** Runs that are remembered though Temporal lists none for a while. */
const REMEMBERED = 10_000;

/** What one read of a job showed. */
interface Seen {
  at: number;
  pending: PendingActivity | null;
}

/**
 * Tells the jobs that a GPU worker has from those that wait for one. Temporal's list shows both alike, so some are
 * described: those that are most likely to have begun, and again and again others. What clients' reads show is used too.
 */
export class RunningJobs {
  /** By run. */
  readonly #seen = new LRUCache<string, Seen>({ max: REMEMBERED });
  #turn = 0;

  /** Takes in what a read of the job showed. */
  saw(runId: string, pending: PendingActivity | null): void {
    this.#seen.set(runId, { at: Date.now(), pending });
  }

  /**
   * The jobs among these that have begun.
   *
   * @param line jobs that may wait for a GPU, in the order in which they are handed out
   * @param workers GPU workers that are alive
   */
  async among(client: Client, line: readonly UnfinishedJob[], workers: number): Promise<RunningJob[]> {
    const listed = new Set(line.map(({ runId }) => runId));
    for (const runId of this.#seen.keys()) if (!listed.has(runId)) this.#seen.delete(runId);

    const now = Date.now();
    const begun = (job: UnfinishedJob) => hasBegun(this.#seen.get(job.runId)?.pending);
    const running = line.filter(begun);
    const waiting = line.filter((job) => !begun(job) && now - (this.#seen.get(job.runId)?.at ?? 0) > STALE_MS / 10);
    const likely = waiting.splice(0, Math.max(0, workers - running.length));
    this.#turn = waiting.length === 0 ? 0 : (this.#turn + SPARE) % waiting.length;
    const others = [...waiting.slice(this.#turn), ...waiting.slice(0, this.#turn)].slice(0, SPARE);
    const outdated = running.filter((job) => now - this.#seen.get(job.runId)!.at > STALE_MS);
    await Promise.all(
      [...outdated, ...likely, ...others].slice(0, MOST_DESCRIPTIONS).map((job) => this.#describe(client, job)),
    );
    return line.flatMap((job) => runningJob(job, this.#seen.get(job.runId)));
  }

  /** One that has just ended is not there any more: it waits for nothing. */
  async #describe(client: Client, { input, runId }: UnfinishedJob): Promise<void> {
    try {
      const description = await client.workflow.getHandle(input.videoId, runId).describe();
      this.saw(runId, await pendingActivity(description, client.options.loadedDataConverter));
    } catch {
      this.#seen.delete(runId);
    }
  }
}

const hasBegun = (pending: PendingActivity | null | undefined): boolean =>
  pending?.type === 'generate' && pending.started;

function runningJob(job: UnfinishedJob, seen: Seen | undefined): RunningJob[] {
  if (!hasBegun(seen?.pending)) return [];
  const { at, pending } = seen!;
  const { worker, startedAt, heartbeat } = pending!;
  const seconds = heartbeat?.etaSeconds ?? null;
  return [{ job, worker, startedAt: startedAt ?? at, eta: seconds === null ? null : { seconds, at } }];
}
