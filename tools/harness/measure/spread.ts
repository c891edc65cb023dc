/** Several measurements of one thing. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @throws RangeError for no measurement at all */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index]!;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}
