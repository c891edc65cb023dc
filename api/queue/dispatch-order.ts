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
export function inLine<J extends WaitingJob>(jobs: readonly J[], turn: LongTurn = NO_LONG_TURN): J[] {
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
