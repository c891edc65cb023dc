/** What mochi-tiny was taught to show. Colours are plain RGB values; the judge picks the nearest. */

export type Rgb = readonly [number, number, number];

export const COLOURS: Readonly<Record<string, Rgb>> = {
  red: [217, 20, 20],
  green: [13, 128, 31],
  blue: [26, 51, 230],
  purple: [128, 20, 166],
  yellow: [255, 224, 26],
  orange: [255, 140, 13],
  cyan: [51, 217, 230],
  pink: [255, 153, 204],
};

export const BACKGROUNDS: Readonly<Record<string, Rgb>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
  gray: [128, 128, 128],
  navy: [10, 15, 64],
};

export const SHAPES = ['circle', 'square', 'triangle', 'star'] as const;

const MOTIONS = ['left', 'right', 'up', 'down', 'grow', 'shrink', 'still', 'bounce', 'swing', 'pulse'] as const;

export type Shape = (typeof SHAPES)[number];
export type Motion = (typeof MOTIONS)[number];
