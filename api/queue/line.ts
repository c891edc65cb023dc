import type { GenerateVideoInput } from '../../workflows/contract.ts';
import { PRIORITY_KEYS } from '../../workflows/cost/job-class.ts';

/** A job that waits for a GPU. */
export interface WaitingJob {
  input: Pick<GenerateVideoInput, 'videoId' | 'accountId' | 'spec' | 'jobClass'>;
  /** When it came, ms since 1970. */
  since: number;
}

/** What decides on a job's place in the line. */
export interface Turn<J extends WaitingJob = WaitingJob> {
  job: J;
  priority: number;
  /** 1 for an account's oldest job of that priority. */
  turn: number;
}

/** @param turns how many jobs of a priority each account has had */
export function nextTurn<J extends WaitingJob>(job: J, turns: ReadonlyMap<string, number>): Turn<J> {
  return { job, priority: priorityOf(job), turn: (turns.get(whose(job)) ?? 0) + 1 };
}

/** Counts it. */
export function takeTurn({ job, turn }: Turn, turns: Map<string, number>): void {
  turns.set(whose(job), turn);
}

/** Less than 0 where `a` comes first. */
export const compareTurns = (a: Turn, b: Turn): number =>
  a.priority - b.priority || a.turn - b.turn || a.job.since - b.job.since;

/**
 * The order in which Temporal hands jobs out: short ones first; of one class each account's first, then each one's second
 * and so on; of equal ones the oldest.
 */
export function inLine<J extends WaitingJob>(jobs: readonly J[]): J[] {
  const turns = new Map<string, number>();
  return jobs
    .toSorted((a, b) => a.since - b.since)
    .map((job) => {
      const turn = nextTurn(job, turns);
      takeTurn(turn, turns);
      return turn;
    })
    .toSorted(compareTurns)
    .map(({ job }) => job);
}

const priorityOf = ({ input }: WaitingJob) => PRIORITY_KEYS[input.jobClass ?? 'short'];
const whose = (job: WaitingJob) => `${priorityOf(job)} ${job.input.accountId}`;
