/** Area, in tokens, at which Mochi's spatial positions have the scale 1. */
const REFERENCE_AREA = 192 * 192;

/**
 * Frame, y and x of every token in the order (frame, row, column), float32 `[T * rows * columns, 3]`. Space is centred
 * and scaled so that every picture spans the same area (diffusers' `MochiRoPE`).
 */
export function tokenPositions(T: number, rows: number, columns: number): Float32Array {
  const scale = Math.sqrt(REFERENCE_AREA / (rows * columns));
  const centred = (index: number, count: number) => (index + 0.5 - count / 2) * scale;
  const positions = new Float32Array(T * rows * columns * 3);
  let k = 0;
  for (let frame = 0; frame < T; frame++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        positions[k++] = frame;
        positions[k++] = centred(row, rows);
        positions[k++] = centred(column, columns);
      }
    }
  }
  return positions;
}
