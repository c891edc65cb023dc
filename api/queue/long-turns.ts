import {
  inLine,
  isLong,
  type LongTurn,
  NO_LONG_TURN,
  SHORTS_BEFORE_LONG,
  shortsPassed,
  type WaitingJob,
} from './dispatch-order.ts';

/** Beyond that the line is not listed for long, and the count is of no use. */
const MOST_SHORTS = 10_000;

/**
 * Tells when the turn of a long job has come, from what is seen of the line. Other API processes see the same line, so that
 * they come to the same job: one at a time.
 */
export class LongTurns {
  /** Ids of the short jobs in the line, as of the last list, and of those that came since. */
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

  /** Takes in the line as it is now: who is no longer in it has begun. */
  update(jobs: readonly WaitingJob[]): void {
    const now = new Set(jobs.map(({ input }) => input.videoId));
    const begun = [...this.#shorts].filter((videoId) => !now.has(videoId)).length;
    this.#shorts = new Set(jobs.filter((job) => !isLong(job)).map(({ input }) => input.videoId));
    // One that came later and is cancelled does not put off the others.
    const hadTurn = [this.#turn.due, this.#first].some((videoId) => videoId !== null && !now.has(videoId));
    const { due, lastAt } = this.#turn;
    // What has begun since the last list has begun after it: it was the next.
    this.#turn = hadTurn ? { due: null, lastAt: Date.now(), begun } : { due, lastAt, begun: this.#turn.begun + begun };
    this.#first = inLine(jobs, this.#turn).find(isLong)?.input.videoId ?? null;
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
