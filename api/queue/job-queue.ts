import type { GenerateVideoInput, JobEstimate } from '../../contract/video-job.ts';
import type { Estimate } from '../../contract/cost/cost-model.ts';
import { within } from '../../platform/flow/deadline.ts';
import type { UnlistedVideos } from '../jobs/unlisted-videos.ts';
import { SingleFlightCache } from '../../platform/flow/single-flight-cache.ts';
import { DUE_PRIORITY_KEY } from '../../contract/cost/job-class.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { PendingActivity } from '../jobs/job-state.ts';
import type { WorkerRegistry } from '../workers/registry.ts';
import { remainingS, type Estimator } from './estimator.ts';
import { raisePriority } from './raise-priority.ts';
import { dispatchOrder, type WaitingJob, LongTurns } from './dispatch-order.ts';
import { type RunningJob, RunningJobs } from './running-jobs.ts';
import { PAGE, type UnfinishedJob, UnfinishedJobs } from './unfinished.ts';
import { type Slot, type QueuePosition, QueueSimulation } from './simulation.ts';

/** How long a page of the list is fresh: a longer queue moves more slowly, and is listed less often. */
const FRESH_MS = 1_000;
/** After so many times that, who asks waits for the next list. */
const STALE_AFTER = 3;
/** But no longer than this: what else there is to tell does not hang on it. */
const PATIENCE_MS = 1_000;

/** Temporal lists a new job a moment after it began, and at the latest then, in ms. */
const LISTED_WITHIN_MS = 3_000;

/** The unfinished jobs as of a moment. */
interface Snapshot {
  /** Ms since 1970. */
  at: number;
  waiting: QueueSimulation;
  running: RunningJob[];
  /** Whose frames are made. */
  publishing: number;
  /** From when on each is overdue, unix seconds. */
  overdueAt: number[];
  slots: Slot[];
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

/** What a job would take. */
export interface Forecast extends QueuePosition {
  /** Ms since 1970. */
  at: number;
  /** Of the devices; null while none is known. */
  kind: string | null;
  /** Its own work there; null while that is unknown. */
  work: Estimate | null;
  /** Whether a job of that kind of device was measured. */
  measured: boolean;
}

/** The queue for the GPUs: one read of Temporal, about a second old at most, answers every question of a job's position. */
export class JobQueue {
  readonly #temporal: Temporal;
  readonly #estimator: Estimator;
  readonly #workers: WorkerRegistry;
  readonly #unlisted: UnlistedVideos;
  readonly #unfinished = new UnfinishedJobs();
  readonly #running = new RunningJobs();
  readonly #longs = new LongTurns();
  #givingTurn = false;
  readonly #snapshots = new SingleFlightCache<Snapshot>(FRESH_MS);
  #snapshot: Snapshot | null = null;

  constructor(temporal: Temporal, estimator: Estimator, workers: WorkerRegistry, unlisted: UnlistedVideos) {
    this.#temporal = temporal;
    this.#estimator = estimator;
    this.#workers = workers;
    this.#unlisted = unlisted;
  }

  /** Reads the queue again where that is due; waits only where too little is known. Never fails. */
  async refreshed(): Promise<void> {
    const freshMs = FRESH_MS * Math.max(1, Math.ceil((this.#snapshot?.waiting.size ?? 0) / PAGE));
    const known = this.#snapshots.get('', this.#read, { freshMs, staleMs: STALE_AFTER * freshMs });
    await within(PATIENCE_MS, known, () => new Error('The queue takes long to read.')).catch(() => {});
  }

  /** Has the queue known as it was within the last second. @throws ApiError `service_unavailable` */
  async refresh(): Promise<void> {
    await this.#snapshots.get('', this.#read);
    this.#giveTurn();
  }

  /** Takes in what a read of a job showed that it waits for. */
  saw(videoId: string, runId: string, pending: PendingActivity | null): void {
    this.#running.saw(runId, pending);
    if (!pending?.started) {
      if (pending?.priorityKey === DUE_PRIORITY_KEY) this.#longs.isDue(videoId);
      return;
    }
    this.#unlisted.waitsNoLonger(videoId);
    this.#snapshot?.waiting.remove(videoId);
  }

  /** Position of a job that waits; null while nothing is known of the queue. */
  positionOf(input: GenerateVideoInput, since: number): QueuePosition | null {
    const snapshot = this.#snapshot;
    if (snapshot === null) return null;
    const { position, waitS, doneInS } =
      snapshot.waiting.positionOf(input.videoId) ?? this.#add(snapshot, { input, since });
    const elapsedS = (Date.now() - snapshot.at) / 1000;
    const left = (seconds: number | null) => (seconds === null ? null : Math.max(0, seconds - elapsedS));
    return { position, waitS: left(waitS), doneInS: left(doneInS) };
  }

  /** Seconds until a job that is being made is completed; null while it is unknown. */
  remainingS(input: GenerateVideoInput, pending: PendingActivity): number | null {
    return remainingS(this.#estimator, input, pending);
  }

  /** What each of these jobs would take if all of them came now; null while nothing is known of the queue. */
  forecasts(inputs: readonly WaitingJob['input'][]): Forecast[] | null {
    if (this.#snapshot === null) return null;
    const { waiting, slots } = this.#snapshot;
    const at = Date.now();
    const kind = slots.find((slot) => slot.kind !== null)?.kind ?? this.#estimator.latestKind;
    const measured = this.#estimator.isCalibrated(kind);
    const positions = waiting.positionsIfAdded(inputs.map((input) => ({ input, since: at })));
    return positions.map((position, i) => ({
      ...position,
      at,
      kind,
      work: this.#estimate(inputs[i]!.spec, kind),
      measured,
    }));
  }

  /** Who waits for a GPU; null while nothing is known. */
  get waiting(): readonly WaitingJob[] | null {
    return this.#snapshot?.waiting.jobs ?? null;
  }

  /** Null while nothing is known. */
  get counts(): QueueCounts | null {
    if (this.#snapshot === null) return null;
    const { waiting, running, publishing, overdueAt } = this.#snapshot;
    const overdue = overdueAt.filter((at) => at < Date.now() / 1000).length;
    return { queued: waiting.size, active: running.length + publishing, overdue };
  }

  readonly #estimate: Estimator['estimate'] = (spec, kind) => this.#estimator.estimate(spec, kind);

  /** What is too new for the list. */
  #add({ waiting }: Snapshot, job: { input: GenerateVideoInput; since: number }): QueuePosition {
    this.#unlisted.add(job.input, job.since);
    this.#longs.came(job);
    const position = waiting.add(job);
    this.#giveTurn();
    return position;
  }

  /** Lets a long job go before the short ones where they have passed it often enough. */
  #giveTurn(): void {
    const job = this.#longs.next(this.#snapshot?.waiting.jobs ?? []);
    if (job === null || this.#givingTurn) return;
    const { videoId } = job.input;
    this.#givingTurn = true;
    this.#temporal
      .call((client) => raisePriority(client, videoId))
      .then((due) => due && this.#longs.isDue(videoId))
      // The next list brings another try.
      .catch(() => {})
      .finally(() => (this.#givingTurn = false));
  }

  readonly #read = async (): Promise<Snapshot> => {
    const at = Date.now();
    const { jobs, running } = await this.#temporal.call(async (client) => {
      const [listed] = await Promise.all([this.#unfinished.list(client), this.#workers.refreshed()]);
      const onGpu = dispatchOrder(
        listed.filter(({ stage }) => !PUBLISHING.includes(stage)),
        this.#longs.turn,
      );
      const alive = this.#workers.gpuWorkers().length;
      return { jobs: listed, running: await this.#running.among(client, onGpu, alive) };
    });
    for (const { worker } of running) if (worker !== '') this.#workers.sawAtWork(worker);
    const publishing = jobs.filter(({ stage }) => PUBLISHING.includes(stage)).length;
    const begun = new Set(running.map(({ job }) => job.runId));
    const waiting = jobs.filter(({ stage, runId }) => !PUBLISHING.includes(stage) && !begun.has(runId));
    const overdueAt = jobs.flatMap(({ input }) => input.overdueAt ?? []);
    const slots = this.#slots(running, at);
    const all = [...waiting, ...this.#stillUnlisted(jobs)];
    this.#longs.update(all);
    const line = new QueueSimulation(all, slots, this.#estimate, this.#longs.turn);
    this.#snapshot = { at, waiting: line, running, publishing, overdueAt, slots };
    this.#giveTurn();
    return this.#snapshot;
  };

  #stillUnlisted(listed: readonly UnfinishedJob[]): WaitingJob[] {
    for (const { input } of listed) this.#unlisted.waitsNoLonger(input.videoId);
    return this.#unlisted.videos(LISTED_WITHIN_MS).filter(({ waits }) => waits);
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

/** What is kept of it with a job; null while any of it is unknown. */
export function estimateOf({ at, waitS, doneInS: totalS, work, measured }: Forecast): JobEstimate | null {
  if (waitS === null || totalS === null || work === null) return null;
  return { workS: work.deviceS + work.publishS, totalS, waitS, at: Math.floor(at / 1000), measured };
}

const PUBLISHING: readonly string[] = ['encoding', 'uploading'];
