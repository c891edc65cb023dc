import { readFileSync } from 'node:fs';
import type { Motion, Shape } from './vocabulary.ts';

/** A prompt whose combination of colour, shape and motion was never trained on, and what its clip must show. */
export interface HeldOut {
  prompt: string;
  colour: string;
  shape: Shape;
  motion: Motion;
  background: string;
}

/** Compiled into dist/, this file stands one folder deeper; the list stays in the source tree. */
const LIST = new URL('../../../tools/judge/held-out.json', import.meta.url);

/** The list that training/held_out.py wrote. */
export function heldOutPrompts(): HeldOut[] {
  return JSON.parse(readFileSync(LIST, 'utf8')) as HeldOut[];
}
