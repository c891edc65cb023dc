import type { Exactness } from './edges.ts';

/** What is asked of a clip: see the model's card. */
export const GOOD_OVERLAP = 0.9;

/** The averages over clips, as the judge prints them. */
export function summarise(clips: Exactness[]): string {
  const mean = (of: (clip: Exactness) => number) => clips.reduce((sum, clip) => sum + of(clip), 0) / clips.length;
  const count = (is: (clip: Exactness) => boolean) => `${clips.filter(is).length} of ${clips.length}`;
  const lines = [
    `overlap    ${mean((clip) => clip.overlap).toFixed(3)} on average, worst clip ${Math.min(...clips.map((clip) => clip.overlap)).toFixed(3)}, ` +
      `worst frame ${Math.min(...clips.map((clip) => clip.worstOverlap)).toFixed(3)}; ${count((clip) => clip.overlap >= GOOD_OVERLAP)} clips at ${GOOD_OVERLAP} or more`,
    `colours    off by ${mean((clip) => clip.colourError).toFixed(1)} of 255 on average, worst clip ${Math.max(...clips.map((clip) => clip.colourError)).toFixed(1)}`,
    `stray      ${mean((clip) => clip.stray).toFixed(1)} pixels of a frame on average; ${count((clip) => clip.stray === 0)} clips without any`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
