/**
 * The linear map that fits best, by the normal equations.
 *
 * @param inputs `[n, a]`
 * @param outputs `[n, b]`
 * @returns `[a, b]`
 */
export function leastSquares(inputs: readonly number[][], outputs: readonly number[][]): number[][] {
  const [a, b] = [inputs[0]!.length, outputs[0]!.length];
  // Rows of (XᵀX | XᵀY); a trace of regularisation keeps a channel that never varies from dividing by zero.
  const rows = Array.from({ length: a }, () => [...new Float64Array(a + b)]);
  for (const [i, row] of rows.entries()) row[i] = 1e-6 * inputs.length;
  for (const [n, x] of inputs.entries()) {
    const both = [...x, ...outputs[n]!];
    for (let i = 0; i < a; i++) for (let j = 0; j < a + b; j++) rows[i]![j]! += x[i]! * both[j]!;
  }
  for (let i = 0; i < a; i++) {
    const pivot = rows[i]!.map((value) => value / rows[i]![i]!);
    rows[i] = pivot;
    for (let k = 0; k < a; k++) {
      const factor = rows[k]![i]!;
      if (k !== i) rows[k] = rows[k]!.map((value, j) => value - factor * pivot[j]!);
    }
  }
  return rows.map((row) => row.slice(a));
}
