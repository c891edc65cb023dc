import type { GenerateVideoInput } from '../../contract/video-job.ts';

/** A job that waits for a GPU. */
export interface WaitingJob {
  input: Pick<GenerateVideoInput, 'videoId' | 'accountId' | 'spec' | 'jobClass'>;
  /** When it came, ms since 1970. */
  since: number;
}

/** Short jobs that go before a long one; then it is due. */
export const SHORTS_BEFORE_LONG = 4;

/** How far the long jobs' next turn is. */
export interface LongTurn {
  /** Id of the long job that is due: the next to begin; null for none. */
  due: string | null;
  /** When a long one last had its turn, ms since 1970. */
  lastAt: number;
  /** Short ones that have begun since. */
  begun: number;
}

export const NO_LONG_TURN: LongTurn = { due: null, lastAt: 0, begun: 0 };

/**
 * The order in which Temporal hands jobs out. Short ones go first, but not for ever: a long one that waits is due after
 * {@link SHORTS_BEFORE_LONG} short ones that have begun or came after it, and then every so many. Of one class each
 * account's first comes first, then each one's second and so on; of equal ones the oldest.
 */
export function dispatchOrder<J extends WaitingJob>(jobs: readonly J[], turn: LongTurn = NO_LONG_TURN): J[] {
  const shorts = byTurns(jobs.filter((job) => !isLong(job)));
  const longs = byTurns(jobs.filter(isLong));
  const due = longs.findIndex(({ input }) => input.videoId === turn.due);
  if (due !== -1) longs.unshift(...longs.splice(due, 1));
  let passed = due === -1 ? shortsPassed(shorts, longs[0], turn) : SHORTS_BEFORE_LONG;
  let passedAlready = (job: J) => job.since > lastTurn(longs[0], turn);
  const line: J[] = [];
  let next = 0;
  for (const short of shorts) {
    if (next < longs.length && passed >= SHORTS_BEFORE_LONG) {
      line.push(longs[next++]!);
      passed = 0;
      passedAlready = () => false;
    }
    if (!passedAlready(short)) passed++;
    line.push(short);
  }
  return [...line, ...longs.slice(next)];
}

/**
 * Short jobs that have passed the long one that is the first of its class: those that have begun, and those that came later
 * and still wait.
 */
export function shortsPassed(jobs: readonly WaitingJob[], first: WaitingJob | undefined, turn: LongTurn): number {
  const later = jobs.filter((job) => !isLong(job) && job.since > lastTurn(first, turn));
  return turn.begun + later.length;
}

export const isLong = ({ input }: WaitingJob): boolean => input.jobClass === 'long';

const lastTurn = (first: WaitingJob | undefined, { lastAt }: LongTurn) => Math.max(lastAt, first?.since ?? 0);

/** Each account's oldest, then each one's second and so on. */
function byTurns<J extends WaitingJob>(jobs: readonly J[]): J[] {
  const had = new Map<string, number>();
  return jobs
    .toSorted((a, b) => a.since - b.since)
    .map((job) => {
      const turn = (had.get(job.input.accountId) ?? 0) + 1;
      had.set(job.input.accountId, turn);
      return { job, turn };
    })
    .toSorted((a, b) => a.turn - b.turn || a.job.since - b.job.since)
    .map(({ job }) => job);
}

/** Beyond that the queue takes long to list, and the count is of no use. */
const MOST_SHORTS = 10_000;

/**
 * Tells when the turn of a long job has come, from what is seen of the queue. Other API processes see the same queue, so that
 * they come to the same job: one at a time.
 */
export class LongTurns {
  /** Ids of the short jobs in the queue, as of the last list, and of those that came since. */
  #shorts = new Set<string>();
  /** Id of the long job that is first of its class. */
  #first: string | null = null;
  #turn: LongTurn = NO_LONG_TURN;

  get turn(): LongTurn {
    return this.#turn;
  }

  came({ input }: WaitingJob): void {
    if (input.jobClass !== 'long' && this.#shorts.size < MOST_SHORTS) this.#shorts.add(input.videoId);
  }

  /** Takes in the queue as it is now: what is no longer in it has begun. */
  update(jobs: readonly WaitingJob[]): void {
    const now = new Set(jobs.map(({ input }) => input.videoId));
    const begun = [...this.#shorts].filter((videoId) => !now.has(videoId)).length;
    this.#shorts = new Set(jobs.filter((job) => !isLong(job)).map(({ input }) => input.videoId));
    // One that came later and is cancelled does not put off the others.
    const hadTurn = [this.#turn.due, this.#first].some((videoId) => videoId !== null && !now.has(videoId));
    const { due, lastAt } = this.#turn;
    // What has begun since the last list has begun after it: it was the next.
    this.#turn = hadTurn ? { due: null, lastAt: Date.now(), begun } : { due, lastAt, begun: this.#turn.begun + begun };
    this.#first = dispatchOrder(jobs, this.#turn).find(isLong)?.input.videoId ?? null;
    if (this.#first === null) this.#turn = { ...this.#turn, begun: 0 };
  }

  /** The long job that is due next; null while none is. @param line in its order */
  next(line: readonly WaitingJob[]): WaitingJob | null {
    const first = line.find(isLong);
    if (first === undefined || this.#turn.due !== null || line.every(isLong)) return null;
    return shortsPassed(line, first, this.#turn) >= SHORTS_BEFORE_LONG ? first : null;
  }

  /** It goes before the short ones from now on. */
  isDue(videoId: string): void {
    if (this.#turn.due === null) this.#turn = { due: videoId, lastAt: Date.now(), begun: 0 };
  }
}
