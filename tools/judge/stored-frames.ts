import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Clip } from './clip.ts';
import type { HeldOut } from './prompts.ts';

interface Contents {
  width: number;
  height: number;
  frames: number;
  clips: HeldOut[];
}

/** The clips in a folder that training/evaluate.py wrote, one at a time: `clips.json`, and `frames.raw` one after another. */
export function* readFrames(folder: string): Generator<[Clip, HeldOut]> {
  const { clips, ...shape } = JSON.parse(readFileSync(join(folder, 'clips.json'), 'utf8')) as Contents;
  const file = openSync(join(folder, 'frames.raw'), 'r');
  try {
    for (const wanted of clips) {
      const data = new Uint8Array(shape.width * shape.height * shape.frames * 3);
      const length = readSync(file, data);
      if (length < data.length) throw new Error(`${folder}/frames.raw ends in the midst of "${wanted.prompt}"`);
      yield [{ ...shape, data }, wanted];
    }
  } finally {
    closeSync(file);
  }
}
