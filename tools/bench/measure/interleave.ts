import { type Spread, spreadOf } from '../../harness/measure/spread.ts';

/** One measurement of one side. */
export interface Run {
  seconds: number;
  /** Seconds of all threads together. */
  cpuSeconds: number;
}

export interface Interleaved {
  /** Seconds. */
  ours: Spread;
  baseline: Spread;
  /** Of our seconds to the baseline's, each round by itself: what slows the machine for a while slows both. */
  ratio: Spread;
  /** The same of CPU seconds, which hardly depend on what else the machine does. */
  cpuRatio: Spread;
}

/** Measures the two sides in turn, ours first, and compares them round by round. */
export async function interleave(
  rounds: number,
  sides: { ours: () => Promise<Run>; baseline: () => Promise<Run> },
): Promise<Interleaved> {
  const measured: { ours: Run; baseline: Run }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await sides.ours();
    measured.push({ ours, baseline: await sides.baseline() });
  }
  return compareRounds(measured);
}

/** Compares what was measured in turn. */
export function compareRounds(measured: readonly { ours: Run; baseline: Run }[]): Interleaved {
  return {
    ours: spreadOf(measured.map(({ ours }) => ours.seconds)),
    baseline: spreadOf(measured.map(({ baseline }) => baseline.seconds)),
    ratio: spreadOf(measured.map(({ ours, baseline }) => ours.seconds / baseline.seconds)),
    cpuRatio: spreadOf(measured.map(({ ours, baseline }) => ours.cpuSeconds / baseline.cpuSeconds)),
  };
}
