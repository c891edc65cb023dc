import type { Estimate } from '../../workflows/cost/cost-model.ts';
import type { WorkSpec } from '../../workflows/cost/work.ts';
import { compareTurns, inLine, nextTurn, takeTurn, type Turn, type WaitingJob } from './line.ts';

/** A GPU worker, busy or idle. */
export interface Slot {
  /** Kind of its devices; null while it is not known. */
  kind: string | null;
  /** Seconds until it can begin with a job; null while it is not known. */
  freeInS: number | null;
}

/** Where a waiting job stands. */
export interface Standing {
  /** 1 is the next to begin. */
  position: number;
  /** Seconds until a GPU begins with it; null where nobody can tell. */
  waitS: number | null;
  /** Seconds until it is completed; null where nobody can tell. */
  doneInS: number | null;
}

/** A job's turn, and what it has come to. */
interface Place extends Turn {
  standing: Standing;
}

/**
 * The jobs that wait for a GPU, in the order of {@link inLine}, and when each will begin: each worker takes the next job as
 * soon as it is free. It is played through once; whoever comes or goes later moves the others.
 */
export class WaitingLine {
  readonly #places: Place[] = [];
  readonly #byId = new Map<string, Place>();
  /** How many jobs of a priority each account has had. */
  readonly #turns = new Map<string, number>();
  /** Workers, and when each will be done with all that wait. */
  readonly #workers: { kind: string | null; freeInS: number }[];
  readonly #estimate: (spec: WorkSpec, kind: string | null) => Estimate | null;

  constructor(
    jobs: readonly WaitingJob[],
    slots: readonly Slot[],
    estimate: (spec: WorkSpec, kind: string | null) => Estimate | null,
  ) {
    this.#estimate = estimate;
    this.#workers = slots.flatMap(({ kind, freeInS }) => (freeInS === null ? [] : [{ kind, freeInS }]));
    for (const job of inLine(jobs)) this.add(job);
  }

  get jobs(): readonly WaitingJob[] {
    return this.#places.map(({ job }) => job);
  }

  get size(): number {
    return this.#places.length;
  }

  standing(videoId: string): Standing | undefined {
    return this.#byId.get(videoId)?.standing;
  }

  /** Where a job would stand. */
  quote(job: WaitingJob): Standing {
    return this.#standingAt(this.#indexOf(nextTurn(job, this.#turns)), job).standing;
  }

  /** @returns where it stands now */
  add(job: WaitingJob): Standing {
    const turn = nextTurn(job, this.#turns);
    const index = this.#indexOf(turn);
    const { standing, deviceS } = this.#standingAt(index, job);
    takeTurn(turn, this.#turns);
    const added = { ...turn, standing };
    this.#places.splice(index, 0, added);
    this.#byId.set(job.input.videoId, added);
    this.#move(index + 1, 1, deviceS === null ? 0 : deviceS / this.#workers.length);
    if (deviceS === null) this.#workers.length = 0;
    else this.#earliest()!.freeInS += deviceS;
    return standing;
  }

  /** It waits no longer: a worker has it. */
  remove(videoId: string): void {
    const place = this.#byId.get(videoId);
    if (place === undefined) return;
    this.#byId.delete(videoId);
    const index = this.#places.indexOf(place);
    this.#places.splice(index, 1);
    this.#move(index, -1, 0);
  }

  #indexOf(turn: Turn): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareTurns(turn, this.#places[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A job before others begins when the one would have begun whose place it takes. */
  #standingAt(index: number, { input }: WaitingJob): { standing: Standing; deviceS: number | null } {
    const position = index + 1;
    const next = this.#earliest();
    const cost = next === undefined ? null : this.#estimate(input.spec, next.kind);
    if (next === undefined || cost === null)
      return { standing: { position, waitS: null, doneInS: null }, deviceS: null };
    const displaced = this.#places[index];
    const waitS = displaced === undefined ? next.freeInS : displaced.standing.waitS;
    const doneInS = waitS === null ? null : waitS + cost.deviceS + cost.publishS;
    return { standing: { position, waitS, doneInS }, deviceS: cost.deviceS };
  }

  #earliest(): { kind: string | null; freeInS: number } | undefined {
    const [first, ...others] = this.#workers;
    return first && others.reduce((best, worker) => (worker.freeInS < best.freeInS ? worker : best), first);
  }

  /** All from `index` on are so many places and seconds further behind. */
  #move(index: number, places: number, seconds: number): void {
    for (let i = index; i < this.#places.length; i++) {
      const { standing } = this.#places[i]!;
      standing.position += places;
      if (standing.waitS !== null) standing.waitS += seconds;
      if (standing.doneInS !== null) standing.doneInS += seconds;
    }
  }
}
