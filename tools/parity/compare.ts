/** Numbers that were found and those that the reference has, flattened in the same order. */
export type Pair = readonly [found: ArrayLike<number>, expected: ArrayLike<number>];

/** One comparison of a parity run. */
export interface Row {
  stage: string;
  /** The case, or the file that the expected values come from. */
  case: string;
  /** Largest absolute difference; NaN where a value is missing or no number. */
  maxDifference: number;
  tolerance: string;
  pass: boolean;
  /** Why it failed, if that is not the difference. */
  note?: string;
}

/** How far found and expected values may be apart. */
export interface Rule {
  tolerance: string;
  /** @param differing values that are not equal, of `count` */
  accepts: (maxDifference: number, differing: number, count: number) => boolean;
  /** Bound of each value. @default Infinity */
  bound?: (expected: number) => number;
}

/** Every value `|a - b| <= absolute + relative * |b|`. */
export function within(absolute: number, relative = 0): Rule {
  const tolerance =
    relative === 0 ? absolute.toExponential() : `${absolute.toExponential()} + ${relative.toExponential()}|b|`;
  return { tolerance, accepts: () => true, bound: (expected) => absolute + relative * Math.abs(expected) };
}

export const EQUAL: Rule = { tolerance: 'equal', accepts: (maxDifference) => maxDifference === 0 };

/** 8-bit frames: rounding may fall to the other side, rarely. */
export const FRAMES: Rule = {
  tolerance: '1, in 1 % of values',
  accepts: (maxDifference, differing, count) => maxDifference <= 1 && differing <= count / 100,
};

/** Compares what `values` gives under a rule. Whatever it throws, a missing value, and NaN are failures. */
export async function check(
  stage: string,
  caseName: string,
  rule: Rule,
  values: () => Pair | Promise<Pair>,
): Promise<Row> {
  const row = { stage, case: caseName, tolerance: rule.tolerance };
  try {
    return { ...row, ...judge(await values(), rule) };
  } catch (error) {
    return { ...row, maxDifference: NaN, pass: false, note: (error as Error).message };
  }
}

function judge([found, expected]: Pair, rule: Rule): Pick<Row, 'maxDifference' | 'pass' | 'note'> {
  const count = expected.length;
  if (found.length !== count) {
    return { maxDifference: NaN, pass: false, note: `${found.length} values, but ${count} are expected` };
  }
  let maxDifference = 0;
  let differing = 0;
  let bounded = true;
  for (let i = 0; i < count; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (difference !== 0) differing++;
    // written so that NaN is out of bounds, and stays the maximum
    if (!(difference <= (rule.bound?.(expected[i]!) ?? Infinity))) bounded = false;
    if (!(difference <= maxDifference)) maxDifference = Number.isNaN(maxDifference) ? NaN : difference;
  }
  return { maxDifference, pass: bounded && rule.accepts(maxDifference, differing, count) };
}
