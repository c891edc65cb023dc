import { spritesheetGrid } from '../../../../contract/spritesheet-grid.ts';

/** Background that shows one frame of a video's spritesheet. @param position 0 ≤ position < 1 */
export function tileStyle(sheet: string, numFrames: number, position: number) {
  const { tiles, columns, rows } = spritesheetGrid(numFrames);
  const tile = Math.floor(position * tiles);
  const percent = (index: number, count: number) => (count > 1 ? (index / (count - 1)) * 100 : 0);
  return {
    backgroundImage: `url("${sheet}")`,
    backgroundSize: `${columns * 100}% ${rows * 100}%`,
    backgroundPosition: `${percent(tile % columns, columns)}% ${percent(Math.floor(tile / columns), rows)}%`,
  };
}
