/** Where values are along a side, and which of them are named. */
export interface Axis {
  ticks: number[];
  /** 0 at the beginning of the side, 1 at its end. */
  at: (value: number) => number;
}

/** From zero to a round number that is not below the largest value. */
export function linearAxis(largest: number): Axis {
  const step = roundStep(largest / 4);
  const end = Math.max(1, Math.ceil(largest / step)) * step;
  const count = Math.round(end / step);
  return { ticks: Array.from({ length: count + 1 }, (_, i) => i * step), at: (value) => value / end };
}

/** From the power of ten at or below the smallest value to the one at or above the largest. */
export function logAxis(smallest: number, largest: number): Axis {
  const begin = Math.floor(Math.log10(smallest));
  const end = Math.max(begin + 1, Math.ceil(Math.log10(largest)));
  return {
    ticks: Array.from({ length: end - begin + 1 }, (_, i) => 10 ** (begin + i)),
    at: (value) => (Math.log10(value) - begin) / (end - begin),
  };
}

/** The least of 1, 2, 2.5 and 5 times a power of ten that is not below a step. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= step * 0.999)!;
}
