import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import type { Likeness } from './likeness.ts';

const FILE = fileURLToPath(new URL('../../../test/fixtures/golden/mochi-tiny.json', import.meta.url));
/** The one model whose pictures are known. */
export const GOLDEN_MODEL = 'mochi-tiny';

/**
 * Levels (of 256) by which the mean of a cell may be off. The same arithmetic in another order, on another CPU, is
 * rounded differently; bfloat16 on a GPU has 8 bits for each value. The latter is an assumption: it was never run.
 */
export const TOLERANCE = { cpu: 1.5, cuda: 12 } as const;
export type DeviceType = keyof typeof TOLERANCE;

export interface Golden {
  request: GoldenRequest;
  likeness: Likeness;
}

/** As `POST /v1/videos` takes it. */
export interface GoldenRequest {
  prompt: string;
  seed: number;
  width: number;
  height: number;
  num_frames: number;
  fps: number;
  num_inference_steps: number;
  guidance_scale: number;
}

const SHAPE = { seed: 7, width: 128, height: 128, num_frames: 13, fps: 12, num_inference_steps: 12, guidance_scale: 3 };
export const REQUESTS: readonly GoldenRequest[] = [
  { prompt: 'a red circle moving left on a white background', ...SHAPE },
  { prompt: 'a yellow star growing on a black background', ...SHAPE },
  { prompt: 'a cyan square bouncing on a navy background', ...SHAPE },
];

export async function goldens(): Promise<Golden[]> {
  return JSON.parse(await readFile(FILE, 'utf8')) as Golden[];
}

export async function recordGoldens(all: readonly Golden[]): Promise<void> {
  await writeFile(FILE, await format(JSON.stringify(all), { parser: 'json', printWidth: 120 }));
}
