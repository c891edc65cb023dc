/** Kernel sizes along the axis. */
const TAPS = 3;
/** Where the polynomials are evaluated, beside infinity: small powers of two lose least. */
const POINTS = [0, 1, -1, 2, -2, 0.5, -0.5];

/** Most outputs for which rounding stays near that of the direct way. */
export const MOST_OUTPUTS = POINTS.length - TAPS + 2;

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[];

/** The three linear maps of {@link winograd}; `n` outputs, `m = n + 2` products. */
export interface Winograd {
  /** `[m, m]`: from m inputs in a row to one factor of each product. */
  inputs: Matrix;
  /** `[m, 3]`: from the kernel to the other factor. */
  kernel: Matrix;
  /** `[n, m]`: from the products to n outputs in a row. */
  outputs: Matrix;
}

/**
 * How `n` outputs in a row of a convolution by three taps, `y[i] = k[0] x[i] + k[1] x[i + 1] + k[2] x[i + 2]`, come out of
 * n + 2 products where 3 n are obvious: `y = outputs ((kernel k) * (inputs x))`. Toom's and Cook's construction: Winograd,
 * Arithmetic Complexity of Computations, 1980; Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015.
 *
 * The product of index 1 counts once in every output, which is the place for a bias.
 *
 * @param n 2 .. {@link MOST_OUTPUTS}
 */
export function winograd(n: number): Winograd {
  const points = POINTS.slice(0, n + 1);
  const others = (j: number) => points.filter((_, i) => i !== j);
  const powers = (point: number, count: number) => Array.from({ length: count }, (_, i) => point ** i);
  const atInfinity = (count: number) => [...Array.from({ length: count - 1 }, () => 0), 1];
  const inputs = [...points.map((_, j) => [...polynomial(others(j)), 0]), polynomial(points)];
  const kernel = points.map((point, j) => {
    const scale = others(j).reduce((product, other) => product * (point - other), 1);
    return powers(point, TAPS).map((power) => power / scale);
  });
  const columns = [...points.map((point) => powers(point, n)), atInfinity(n)];
  const outputs = Array.from({ length: n }, (_, i) => columns.map((column) => column[i]!));
  return { inputs, kernel: [...kernel, atInfinity(TAPS)], outputs };
}

/** Coefficients of the polynomial with these roots, the constant first. */
function polynomial(roots: readonly number[]): number[] {
  return roots.reduce<number[]>(
    (factor, root) => [0, ...factor].map((above, i) => above - root * (factor[i] ?? 0)),
    [1],
  );
}
