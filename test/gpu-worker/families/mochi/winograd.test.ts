import { describe, expect, it } from 'vitest';
import { type Matrix, MOST_OUTPUTS, winograd } from '../../../../gpu-worker/families/mochi/graphs/winograd.ts';

const times = (matrix: Matrix, x: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0));

const counts = Array.from({ length: MOST_OUTPUTS - 1 }, (_, i) => i + 2);

describe.each(counts)('%i frames convolved together', (n) => {
  const { inputs, kernel, outputs } = winograd(n);
  const products = (x: number[], k: number[]) => times(inputs, x).map((value, j) => value * times(kernel, k)[j]!);

  it('are what each is by itself, with n + 2 products', () => {
    const x = Array.from({ length: n + 2 }, (_, i) => Math.sin(3 * i + 1));
    const k = [0.7, -1.3, 0.45];
    expect(inputs.length).toBe(n + 2);
    const direct = Array.from({ length: n }, (_, i) => k[0]! * x[i]! + k[1]! * x[i + 1]! + k[2]! * x[i + 2]!);
    const together = times(outputs, products(x, k));
    for (const [i, value] of direct.entries()) expect(together[i]).toBeCloseTo(value, 12);
  });

  it('all get a bias that is added to the second product', () => {
    const bias = Array.from({ length: n + 2 }, (_, j) => (j === 1 ? 0.25 : 0));
    expect(times(outputs, bias)).toEqual(Array.from({ length: n }, () => 0.25));
  });

  it('change in their last bits only, in single precision', () => {
    const rounded = (matrix: Matrix, x: readonly number[]) => times(matrix, x).map(Math.fround);
    const x = Array.from({ length: n + 2 }, (_, i) => Math.fround(Math.cos(5 * i)));
    const k = [0.9, 0.8, -0.6].map(Math.fround);
    const factors = rounded(kernel, k);
    const together = rounded(
      outputs,
      rounded(inputs, x).map((value, j) => Math.fround(value * factors[j]!)),
    );
    for (const [i, value] of together.entries()) {
      expect(Math.abs(value - (k[0]! * x[i]! + k[1]! * x[i + 1]! + k[2]! * x[i + 2]!))).toBeLessThan(3e-6);
    }
  });
});
