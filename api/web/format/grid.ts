/**
 * In how many columns some pictures of the same shape are largest.
 *
 * @param count number of pictures
 * @param aspect width by height of each
 * @param frame width by height of what they are shown in
 */
export function columnsFor(count: number, aspect: number, frame: number): number {
  let best = { columns: 1, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const height = Math.min(1 / Math.ceil(count / columns), frame / columns / aspect);
    if (height > best.height) best = { columns, height };
  }
  return best.columns;
}
