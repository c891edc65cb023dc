import type { Sample } from './samples.ts';

/** What was held at rest, once so many jobs had ended. */
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

/** How each number has grown between two moments. */
export function growths(early: Moment, late: Moment): Growth[] {
  return [...late.held].map(([name, after]) => {
    const before = early.held.get(name) ?? 0;
    const percent = (100 * (after - before)) / before;
    const little = after - before <= (name.endsWith('handles') ? LIMIT.handles : LIMIT.mib);
    return { name, before, after, percent, holds: little || percent < LIMIT.percent };
  });
}

/**
 * What each job adds to something that keeps all jobs, between the last two moments against the first two; in KiB.
 *
 * @param name of the number, in MiB
 */
export function growthPerJob([start, middle, end]: readonly [Moment, Moment, Moment], name: string): Growth {
  const each = (from: Moment, to: Moment) =>
    (1024 * (to.held.get(name)! - from.held.get(name)!)) / Math.max(1, to.done - from.done);
  const before = each(start, middle);
  const after = each(middle, end);
  const percent = (100 * (after - before)) / before;
  return { name: name.replace('MiB', 'KiB a job'), before, after, percent, holds: percent < LIMIT.percent };
}

/** The least of each number: what is held when nothing waits to be collected. */
export function least(samples: readonly Sample[]): Sample {
  const found: Sample = new Map();
  for (const [name, value] of samples.flatMap((held) => [...held])) {
    found.set(name, Math.min(value, found.get(name) ?? value));
  }
  return found;
}
