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
  peer: Spread;
  /** Of our seconds to the peer's, each round by itself: what slows the machine for a while slows both. */
  ratio: Spread;
  /** The same of CPU seconds, which hardly depend on what else the machine does. */
  cpuRatio: Spread;
}

/** Measures the two sides in turn, ours first, and compares them round by round. */
export async function interleave(
  rounds: number,
  sides: { ours: () => Promise<Run>; peer: () => Promise<Run> },
): Promise<Interleaved> {
  const measured: { ours: Run; peer: Run }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await sides.ours();
    measured.push({ ours, peer: await sides.peer() });
  }
  return compareRounds(measured);
}

/** Compares what was measured in turn. */
export function compareRounds(measured: readonly { ours: Run; peer: Run }[]): Interleaved {
  return {
    ours: spreadOf(measured.map(({ ours }) => ours.seconds)),
    peer: spreadOf(measured.map(({ peer }) => peer.seconds)),
    ratio: spreadOf(measured.map(({ ours, peer }) => ours.seconds / peer.seconds)),
    cpuRatio: spreadOf(measured.map(({ ours, peer }) => ours.cpuSeconds / peer.cpuSeconds)),
  };
}
