import { type Spread, spreadOf } from './spread.ts';

export interface Interleaved {
  ours: Spread;
  peer: Spread;
  /** Of ours to the peer's, each round by itself: what slows the machine for a while slows both. */
  ratio: Spread;
}

/** Measures the two sides in turn, ours first, and compares them round by round. */
export async function interleave(
  rounds: number,
  sides: { ours: () => Promise<number>; peer: () => Promise<number> },
): Promise<Interleaved> {
  const measured: { ours: number; peer: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ours = await sides.ours();
    measured.push({ ours, peer: await sides.peer() });
  }
  return {
    ours: spreadOf(measured.map(({ ours }) => ours)),
    peer: spreadOf(measured.map(({ peer }) => peer)),
    ratio: spreadOf(measured.map(({ ours, peer }) => ours / peer)),
  };
}
