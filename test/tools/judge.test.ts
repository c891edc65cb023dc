import { describe, expect, it } from 'vitest';
import type { Clip } from '../../tools/judge/clip.ts';
import { measureExactness } from '../../tools/judge/edges.ts';
import { coverAt, distanceTo, type Figure } from '../../tools/judge/figure.ts';
import { BACKGROUNDS, COLOURS, type Rgb, type Shape } from '../../tools/judge/vocabulary.ts';

const [width, height] = [96, 64];
const RED_ON_WHITE = { colour: 'red', background: 'white' };

/** Draws a figure as training/clips.py does, a frame for each of the given places. */
function draw(figures: Figure[], paint: Rgb = COLOURS.red!, ground: Rgb = BACKGROUNDS.white!): Clip {
  const data = new Uint8Array(figures.length * width * height * 3);
  let at = 0;
  for (const figure of figures) {
    const distance = distanceTo(figure);
    for (let i = 0; i < width * height; i++) {
      const cover = coverAt(distance((i % width) + 0.5, Math.floor(i / width) + 0.5));
      for (let k = 0; k < 3; k++) data[at++] = Math.round(cover * paint[k]! + (1 - cover) * ground[k]!);
    }
  }
  return { data, frames: figures.length, width, height };
}

const figure = (shape: Shape, more: Partial<Figure> = {}): Figure => {
  return { shape, x: 47.3, y: 33.6, radius: 17, turn: 0, ...more };
};

/** Paints a rectangle over the first frame. */
function paintOver(clip: Clip, left: number, top: number, columns: number, rows: number, colour: Rgb): Clip {
  for (let y = top; y < top + rows; y++)
    for (let x = left; x < left + columns; x++) clip.data.set(colour, 3 * (y * width + x));
  return clip;
}

describe('the judge of clips', () => {
  it.each(['circle', 'star'] as const)(
    'finds nothing wrong with a perfect %s, wherever it is, however large and turned',
    (shape) => {
      const places = [
        figure(shape),
        figure(shape, { x: 60, y: 20, radius: 11.5 }),
        figure(shape, { radius: 21, turn: shape === 'circle' ? 0 : 0.2 }),
      ];
      const exact = measureExactness(draw(places), { shape, ...RED_ON_WHITE });
      expect(exact.worstOverlap).toBeGreaterThan(0.985);
      expect(exact.colourError).toBeLessThan(0.5);
      expect(exact.stray).toBe(0);
    },
  );

  it('sees an arc beside the shape, as overlap and as stray pixels', () => {
    const clip = paintOver(draw([figure('circle')]), 70, 10, 3, 30, COLOURS.red!);
    const exact = measureExactness(clip, { shape: 'circle', ...RED_ON_WHITE });
    expect(exact.stray).toBeGreaterThan(80);
    expect(exact.overlap).toBeLessThan(0.93);
    expect(exact.overlap).toBeGreaterThan(0.85);
  });

  it('sees a faint ghost that is too weak to count as the shape', () => {
    const clip = paintOver(draw([figure('circle')]), 80, 10, 5, 10, [230, 200, 200]);
    const exact = measureExactness(clip, { shape: 'circle', ...RED_ON_WHITE });
    expect(exact.stray).toBe(50);
    expect(exact.overlap).toBeGreaterThan(0.985);
  });

  it('sees a hole in the shape', () => {
    const clip = paintOver(draw([figure('square')]), 44, 30, 9, 9, BACKGROUNDS.white!);
    const exact = measureExactness(clip, { shape: 'square', ...RED_ON_WHITE });
    expect(exact.overlap).toBeLessThan(0.93);
  });

  it('does not take a square for a circle', () => {
    const exact = measureExactness(draw([figure('square')]), { shape: 'circle', ...RED_ON_WHITE });
    expect(exact.overlap).toBeLessThan(0.9);
  });

  it('measures how far the colours are off, of the shape and of the ground', () => {
    const [red, white] = [COLOURS.red!, BACKGROUNDS.white!];
    const paler = draw([figure('star')], [red[0] - 12, red[1] + 12, red[2] + 12]);
    expect(measureExactness(paler, { shape: 'star', ...RED_ON_WHITE }).colourError).toBeCloseTo(12, 1);
    const darker = draw([figure('star')], red, [white[0] - 9, white[1] - 9, white[2] - 9]);
    expect(measureExactness(darker, { shape: 'star', ...RED_ON_WHITE }).colourError).toBeCloseTo(9, 1);
  });

  it('counts a frame without the shape as no overlap', () => {
    const clip = draw([figure('circle'), figure('circle', { x: -200 })]);
    const exact = measureExactness(clip, { shape: 'circle', ...RED_ON_WHITE });
    expect(exact.worstOverlap).toBe(0);
    expect(exact.overlap).toBeCloseTo(0.5, 1);
  });
});
