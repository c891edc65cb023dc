import type { VideoSpec } from '../../contract/video-job.ts';
import { secondsOf } from '../spec/length.ts';

/** Temporal refuses summaries of more than 400 bytes, encryption included. */
const MAX_BYTES = 200;

/** One line for operators, shown by Temporal's Web UI: size, length, and how the prompt begins. */
export function summaryOf({ width, height, numFrames, fps, prompt }: VideoSpec): string {
  const facts = `${width}x${height}, ${secondsOf(numFrames, fps)} s: `;
  const line = prompt.replace(/\s+/g, ' ').trim();
  let text = '';
  for (const character of line) {
    if (Buffer.byteLength(facts + text + character) > MAX_BYTES - 3) return `${facts}${text}…`;
    text += character;
  }
  return facts + text;
}
