import type { GenerateVideoInput, JobEstimate } from '../../workflows/contract.ts';
import type { Temporal } from '../temporal.ts';
import type { PendingActivity } from '../videos/job-state.ts';
import type { WorkerDirectory } from '../workers/directory.ts';
import { remainingS } from './eta.ts';
import type { Estimator } from './estimator.ts';
import { inLine, type Slot, type Standing, standings, type WaitingJob } from './line.ts';
import { type RunningJob, RunningJobs } from './running-jobs.ts';
import { unfinishedJobs } from './unfinished.ts';

/** How long one list answers everybody without another being asked for. */
const FRESH_MS = 1_000;
/** Beyond this, who asks waits for the next one. */
const STALE_MS = 3_000;

/** The unfinished jobs as of a moment. */
interface Snapshot {
  /** Ms since 1970. */
  at: number;
  waiting: WaitingJob[];
  running: RunningJob[];
  /** Whose frames are made. */
  publishing: number;
  /** From when on each is overdue, unix seconds. */
  overdueAt: number[];
  slots: Slot[];
  /** Of the waiting jobs; made when first asked for. */
  standings: Map<string, Standing> | null;
}

/** How many jobs there are. */
export interface QueueCounts {
  /** Waiting for a GPU. */
  queued: number;
  /** In the making. */
  active: number;
  /** Of both, those that take twice as long as was expected. */
  overdue: number;
}

/** The line before the GPUs: one look at Temporal, about a second old at most, for all who ask where their job stands. */
export class JobQueue {
  readonly #temporal: Temporal;
  readonly #estimator: Estimator;
  readonly #workers: WorkerDirectory;
  readonly #running = new RunningJobs();
  #snapshot: Snapshot | null = null;
  #refreshing: Promise<void> | null = null;

  constructor(temporal: Temporal, estimator: Estimator, workers: WorkerDirectory) {
    this.#temporal = temporal;
    this.#estimator = estimator;
    this.#workers = workers;
  }

  /** Has the line looked at again where that is due; waits only where too little is known. Never fails. */
  async refreshed(): Promise<void> {
    const age = Date.now() - (this.#snapshot?.at ?? 0);
    if (age < FRESH_MS) return;
    const refreshing = this.refresh().catch(() => {});
    if (age > STALE_MS) await refreshing;
  }

  /** @throws ApiError `service_unavailable` */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** Somebody has looked at a job: what it waits for. */
  saw(videoId: string, runId: string, pending: PendingActivity | null): void {
    this.#running.saw(runId, pending);
    const snapshot = this.#snapshot;
    if (snapshot === null || !pending?.started) return;
    const waiting = snapshot.waiting.filter(({ input }) => input.videoId !== videoId);
    if (waiting.length < snapshot.waiting.length) Object.assign(snapshot, { waiting, standings: null });
  }

  /** Where a job that waits stands; null while nothing is known of the line. */
  standing(input: GenerateVideoInput, since: number): Standing | null {
    const snapshot = this.#snapshot;
    if (snapshot === null) return null;
    const known = this.#standings(snapshot).get(input.videoId);
    if (known === undefined) {
      // Too new for the list.
      snapshot.waiting.push({ input, since });
      snapshot.standings = null;
    }
    const { position, waitS, doneInS } = known ?? this.#standings(snapshot).get(input.videoId)!;
    const elapsedS = (Date.now() - snapshot.at) / 1000;
    const left = (seconds: number | null) => (seconds === null ? null : Math.max(0, seconds - elapsedS));
    return { position, waitS: left(waitS), doneInS: left(doneInS) };
  }

  /** Seconds until a job that is being made is completed; null while nobody can tell. */
  remainingS(input: GenerateVideoInput, pending: PendingActivity): number | null {
    return remainingS(this.#estimator, input, pending);
  }

  /** What a job would take that came now; null while nobody can tell. */
  quote(input: WaitingJob['input']): JobEstimate | null {
    if (this.#snapshot === null) return null;
    const { waiting, slots } = this.#snapshot;
    const now = Date.now();
    const line = inLine([...waiting, { input, since: now }]);
    const { waitS, doneInS: totalS } = standings(line, slots, this.#estimate).get(input.videoId)!;
    const kind = slots.find((slot) => slot.kind !== null)?.kind ?? null;
    const work = this.#estimate(input.spec, kind);
    if (waitS === null || totalS === null || work === null) return null;
    const measured = this.#estimator.isCalibrated(kind);
    return { workS: work.deviceS + work.publishS, totalS, waitS, at: Math.floor(now / 1000), measured };
  }

  /** Who waits for a GPU; null while nothing is known. */
  get waiting(): readonly WaitingJob[] | null {
    return this.#snapshot?.waiting ?? null;
  }

  /** Null while nothing is known. */
  get counts(): QueueCounts | null {
    if (this.#snapshot === null) return null;
    const { waiting, running, publishing, overdueAt } = this.#snapshot;
    const overdue = overdueAt.filter((at) => at < Date.now() / 1000).length;
    return { queued: waiting.length, active: running.length + publishing, overdue };
  }

  readonly #estimate: Estimator['estimate'] = (spec, kind) => this.#estimator.estimate(spec, kind);

  #standings(snapshot: Snapshot): Map<string, Standing> {
    snapshot.standings ??= standings(inLine(snapshot.waiting), snapshot.slots, this.#estimate);
    return snapshot.standings;
  }

  async #refresh(): Promise<void> {
    const at = Date.now();
    const { jobs, running } = await this.#temporal.call(async (client) => {
      const [listed] = await Promise.all([unfinishedJobs(client), this.#workers.refreshed()]);
      const onGpu = inLine(listed.filter(({ stage }) => !PUBLISHING.includes(stage)));
      const alive = this.#workers.gpuWorkers().length;
      return { jobs: listed, running: await this.#running.among(client, onGpu, alive) };
    });
    for (const { worker } of running) if (worker !== '') this.#workers.sawAtWork(worker);
    const publishing = jobs.filter(({ stage }) => PUBLISHING.includes(stage)).length;
    const begun = new Set(running.map(({ job }) => job.runId));
    const waiting = jobs.filter(({ stage, runId }) => !PUBLISHING.includes(stage) && !begun.has(runId));
    const overdueAt = jobs.flatMap(({ input }) => input.overdueAt ?? []);
    this.#snapshot = { at, waiting, running, publishing, overdueAt, slots: this.#slots(running, at), standings: null };
  }

  /** Running jobs' workers, and those that are idle. */
  #slots(running: readonly RunningJob[], now: number): Slot[] {
    const alive = new Map(this.#workers.gpuWorkers().map((worker) => [worker.identity, worker.kind]));
    const slots = running.map(({ job, worker, startedAt, eta }): Slot => {
      const kind = alive.get(worker) ?? null;
      if (eta !== null) return { kind, freeInS: Math.max(0, eta.seconds - (now - eta.at) / 1000) };
      const deviceS = this.#estimator.estimate(job.input.spec, kind)?.deviceS;
      return { kind, freeInS: deviceS === undefined ? null : Math.max(0, deviceS - (now - startedAt) / 1000) };
    });
    for (const { worker } of running) alive.delete(worker);
    for (const kind of alive.values()) slots.push({ kind, freeInS: 0 });
    return slots;
  }
}

const PUBLISHING: readonly string[] = ['encoding', 'uploading'];
