import { spreadOf } from '../harness/measure/spread.ts';
import type { Sample } from '../harness/measure/held.ts';

/** What was held at rest, once that many jobs had ended. */
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

/**
 * How each number has grown from the first moment to the last, along the line that fits most pairs of them (Theil-Sen):
 * memory that comes and goes moves it little, what is never given back does.
 */
export function growths(moments: readonly Moment[]): Growth[] {
  const [first, last] = [moments[0]!, moments.at(-1)!];
  return [...last.held.keys()].map((name) => {
    const points = moments.map((moment) => ({ done: moment.done - first.done, value: moment.held.get(name) ?? 0 }));
    const pairs = points.flatMap((late, i) => points.slice(0, i).map((early) => [early, late] as const));
    const slope = median(pairs.map(([early, late]) => (late.value - early.value) / (late.done - early.done)));
    const before = median(points.map(({ done, value }) => value - slope * done));
    const after = before + slope * (last.done - first.done);
    const percent = (100 * (after - before)) / before;
    const little = after - before <= (name.endsWith('handles') ? LIMIT.handles : LIMIT.mib);
    return { name, before, after, percent, holds: little || percent < LIMIT.percent };
  });
}

/**
 * What each job adds to something that keeps all jobs, in the later half of the moments against the earlier; in KiB.
 *
 * @param name of the number, in MiB
 */
export function growthPerJob(moments: readonly Moment[], name: string): Growth {
  const [start, middle, end] = [moments[0]!, moments[Math.floor(moments.length / 2)]!, moments.at(-1)!];
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

const median = (values: readonly number[]) => spreadOf(values).median;
