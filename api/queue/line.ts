import type { GenerateVideoInput } from '../../workflows/contract.ts';
import { PRIORITY_KEYS } from '../../workflows/cost/job-class.ts';

/** A job that waits for a GPU. */
export interface WaitingJob {
  input: Pick<GenerateVideoInput, 'videoId' | 'accountId' | 'spec' | 'jobClass'>;
  /** When it came, ms since 1970. */
  since: number;
}

/**
 * The order in which Temporal hands jobs out: short ones first; of one class each account's first, then each one's second
 * and so on; of equal ones the oldest.
 */
export function inLine<J extends WaitingJob>(jobs: readonly J[]): J[] {
  const turns = new Map<string, number>();
  return jobs
    .toSorted((a, b) => a.since - b.since)
    .map((job) => {
      const priority = PRIORITY_KEYS[job.input.jobClass ?? 'short'];
      const whose = `${priority} ${job.input.accountId}`;
      const turn = (turns.get(whose) ?? 0) + 1;
      turns.set(whose, turn);
      return { job, priority, turn };
    })
    .toSorted((a, b) => a.priority - b.priority || a.turn - b.turn || a.job.since - b.job.since)
    .map(({ job }) => job);
}
