import type { Estimate } from '../../contract/cost/cost-model.ts';
import type { WorkSpec } from '../../contract/cost/work.ts';
import { dispatchOrder, isLong, type LongTurn, NO_LONG_TURN, type WaitingJob } from './dispatch-order.ts';

/** A GPU worker, busy or idle. */
export interface Slot {
  /** Kind of its devices; null while it is not known. */
  kind: string | null;
  /** Seconds until it can begin with a job; null while it is not known. */
  freeInS: number | null;
}

/** Where a waiting job stands. */
export interface QueuePosition {
  /** 1 is the next to begin. */
  position: number;
  /** Seconds until a GPU begins with it; null where it is unknown. */
  waitS: number | null;
  /** Seconds until it is completed; null where it is unknown. */
  doneInS: number | null;
}

type Worker = { kind: string | null; freeInS: number };

/**
 * The jobs that wait for a GPU, in the order of {@link dispatchOrder}, and when each will begin: each worker takes the next job as
 * soon as it is free. It is played through again at the first question after jobs have come or gone.
 */
export class QueueSimulation {
  readonly #jobs = new Map<string, WaitingJob>();
  /** Those that a worker has taken since. */
  readonly #taken: WaitingJob[] = [];
  readonly #slots: readonly Slot[];
  readonly #estimate: (spec: WorkSpec, kind: string | null) => Estimate | null;
  #turn: LongTurn;
  #played: { order: WaitingJob[]; positions: Map<string, QueuePosition> } | null = null;

  constructor(
    jobs: readonly WaitingJob[],
    slots: readonly Slot[],
    estimate: (spec: WorkSpec, kind: string | null) => Estimate | null,
    turn: LongTurn = NO_LONG_TURN,
  ) {
    this.#slots = slots;
    this.#estimate = estimate;
    this.#turn = turn;
    for (const job of jobs) this.#jobs.set(job.input.videoId, job);
  }

  get jobs(): readonly WaitingJob[] {
    return this.#play().order;
  }

  get size(): number {
    return this.#jobs.size;
  }

  positionOf(videoId: string): QueuePosition | undefined {
    return this.#jobs.has(videoId) ? this.#play().positions.get(videoId) : undefined;
  }

  /** Where these jobs would stand if all of them came. */
  positionsIfAdded(jobs: readonly WaitingJob[]): QueuePosition[] {
    const { positions } = this.#playThrough([...this.#jobs.values(), ...jobs]);
    return jobs.map(({ input }) => positions.get(input.videoId)!);
  }

  /** @returns where it stands now */
  add(job: WaitingJob): QueuePosition {
    this.#jobs.set(job.input.videoId, job);
    this.#played = null;
    return this.positionOf(job.input.videoId)!;
  }

  /** It waits no longer: a worker has it. */
  remove(videoId: string): void {
    const job = this.#jobs.get(videoId);
    if (job === undefined) return;
    this.#jobs.delete(videoId);
    this.#taken.push(job);
    const { due, lastAt, begun } = this.#turn;
    this.#turn = isLong(job) ? { due: null, lastAt: Date.now(), begun: 0 } : { due, lastAt, begun: begun + 1 };
    this.#played = null;
  }

  #play() {
    return (this.#played ??= this.#playThrough([...this.#jobs.values()]));
  }

  #playThrough(jobs: WaitingJob[]): { order: WaitingJob[]; positions: Map<string, QueuePosition> } {
    const order = dispatchOrder(jobs, this.#turn);
    const workers = this.#slots.flatMap(({ kind, freeInS }) => (freeInS === null ? [] : [{ kind, freeInS }]));
    for (const job of this.#taken) this.#giveNext(job, workers);
    const positions = new Map<string, QueuePosition>();
    for (const [index, job] of order.entries()) {
      positions.set(job.input.videoId, { position: index + 1, ...this.#giveNext(job, workers) });
    }
    return { order, positions };
  }

  /** The worker that is free first takes the job; none can be told any more where it is not known how long that takes. */
  #giveNext({ input }: WaitingJob, workers: Worker[]): Pick<QueuePosition, 'waitS' | 'doneInS'> {
    const next = workers.reduce<Worker | undefined>(
      (best, worker) => (best !== undefined && best.freeInS <= worker.freeInS ? best : worker),
      undefined,
    );
    const cost = next === undefined ? null : this.#estimate(input.spec, next.kind);
    if (next === undefined || cost === null) {
      workers.length = 0;
      return { waitS: null, doneInS: null };
    }
    const waitS = next.freeInS;
    next.freeInS += cost.deviceS;
    return { waitS, doneInS: next.freeInS + cost.publishS };
  }
}
