import type { GenerateVideoInput } from '../../workflows/contract.ts';
import type { Estimate } from '../../workflows/cost/cost-model.ts';
import { PRIORITY_KEYS } from '../../workflows/cost/job-class.ts';
import type { WorkSpec } from '../../workflows/cost/work.ts';

/** A job that waits for a GPU. */
export interface WaitingJob {
  input: Pick<GenerateVideoInput, 'videoId' | 'accountId' | 'spec' | 'jobClass'>;
  /** When it came, ms since 1970. */
  since: number;
}

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

/** Plays through what the workers will do: each takes the next job of the line as soon as it is free. */
export function standings(
  line: readonly WaitingJob[],
  slots: readonly Slot[],
  estimate: (spec: WorkSpec, kind: string | null) => Estimate | null,
): Map<string, Standing> {
  const free = slots.flatMap(({ kind, freeInS }) => (freeInS === null ? [] : [{ kind, freeInS }]));
  const found = new Map<string, Standing>();
  for (const [index, { input }] of line.entries()) {
    let waitS: number | null = null;
    let doneInS: number | null = null;
    const [first, ...others] = free;
    if (first !== undefined) {
      const next = others.reduce((best, slot) => (slot.freeInS < best.freeInS ? slot : best), first);
      const cost = estimate(input.spec, next.kind);
      if (cost === null) free.length = 0;
      else {
        waitS = next.freeInS;
        next.freeInS += cost.deviceS;
        doneInS = next.freeInS + cost.publishS;
      }
    }
    found.set(input.videoId, { position: index + 1, waitS, doneInS });
  }
  return found;
}
