import type { Sample } from './samples.ts';

/** Samples with how many jobs had ended by then. */
export interface Moment {
  done: number;
  held: Sample;
}

export interface Growth {
  name: string;
  /** After the warm-up, and at the end. */
  before: number;
  after: number;
  /** Percent, of the whole; of what each job adds where things are kept for each. */
  percent: number;
  holds: boolean;
}

/** Growth below this is none; and so little of it is none either, for memory comes in pages and handles one by one. */
const LIMIT = { percent: 5, mib: 4, handles: 3 };
/** Share of the jobs after which everything has been used, and share that each of the two looks takes in. */
const WARM_UP = 0.4;
const WINDOW = 0.15;

/** How each number has grown between the end of the warm-up and the end of the run. */
export function growths(moments: readonly Moment[]): Growth[] {
  const jobs = moments.at(-1)!.done;
  const within = (from: number, to: number) => moments.filter(({ done }) => done >= from * jobs && done <= to * jobs);
  const early = within(WARM_UP, WARM_UP + WINDOW);
  const late = within(1 - WINDOW, 1);
  return [...moments.at(-1)!.held.keys()].map((name) => {
    const before = least(early, name);
    const after = least(late, name);
    const percent = (100 * (after - before)) / before;
    const little = after - before <= (name.endsWith('handles') ? LIMIT.handles : LIMIT.mib);
    return { name, before, after, percent, holds: little || percent < LIMIT.percent };
  });
}

/**
 * What each job adds to something that keeps all jobs, in the second half of the rest against the first; in KiB.
 *
 * @param name of the number, in MiB
 */
export function growthPerJob(moments: readonly Moment[], name: string): Growth {
  const jobs = moments.at(-1)!.done;
  const at = (share: number) => moments.find(({ done }) => done >= share * jobs)!;
  const each = (from: Moment, to: Moment) =>
    (1024 * (to.held.get(name)! - from.held.get(name)!)) / Math.max(1, to.done - from.done);
  const [start, middle, end] = [at(WARM_UP), at((1 + WARM_UP) / 2), at(1)];
  const before = each(start, middle);
  const after = each(middle, end);
  const percent = (100 * (after - before)) / before;
  return { name: name.replace('MiB', 'KiB a job'), before, after, percent, holds: percent < LIMIT.percent };
}

/** What is held when nothing waits to be collected. */
function least(moments: readonly Moment[], name: string): number {
  return Math.min(...moments.flatMap(({ held }) => held.get(name) ?? []));
}
