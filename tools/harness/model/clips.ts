import { keys } from '../../../storage/keys.ts';
import { LosslessWriter } from '../../../media/lossless-writer.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { type GenerateVideoInput, type VideoSpec, generatedShape } from '../../../contract/video-job.ts';
import type { GenerateResult } from '../../../contract/results.ts';

/** A job for mochi-tiny; `spec` changes what a test is about. */
export function jobOf(videoId: string, spec: Partial<VideoSpec> = {}): GenerateVideoInput {
  return {
    videoId,
    accountId: 'default',
    warnings: [],
    createdAt: Math.floor(Date.now() / 1000),
    spec: {
      prompt: 'a red square moving right on a blue background',
      negativePrompt: '',
      model: 'mochi-tiny',
      width: 96,
      height: 64,
      numFrames: 10,
      fps: 12,
      seed: 7,
      numInferenceSteps: 4,
      guidanceScale: 4,
      ...spec,
    },
  };
}

export type Rgb = readonly [number, number, number];
export const RED: Rgb = [230, 20, 30];
export const BLUE: Rgb = [20, 40, 210];

/** A frame of a red square on blue, two pixels further right in each frame; `[height, width, 3]`. */
function movingSquare(index: number, { width, height }: { width: number; height: number }): Uint8Array {
  const rgb = Buffer.alloc(width * height * 3, Uint8Array.from(BLUE));
  const side = height >> 1;
  const row = Buffer.alloc(Math.max(0, Math.min(side, width - 2 * index)) * 3, Uint8Array.from(RED));
  for (let y = height >> 2; y < (height >> 2) + side; y++) rgb.set(row, (y * width + 2 * index) * 3);
  return rgb;
}

/** Does what `generate` does, but for the model: puts lossless frames of the generated shape into the scratch store. */
export async function generateClip(
  scratch: ObjectStore,
  { videoId, spec }: GenerateVideoInput,
  frame: (index: number, size: { width: number; height: number }) => Uint8Array = movingSquare,
): Promise<GenerateResult> {
  const shape = generatedShape(spec);
  const writer = await LosslessWriter.open({ ...shape, fps: spec.fps });
  const stored = scratch.put(keys.frames(videoId), writer.stream);
  for (let index = 0; index < shape.numFrames; index++) await writer.write(frame(index, shape));
  const framesSha256 = await writer.finish();
  await stored;
  return {
    ...shape,
    framesKey: keys.frames(videoId),
    framesSha256,
    inferenceTimeS: 1.25,
    peakMemoryMb: 321,
    resumedFromStep: 0,
    device: 'stand-in',
    timing: { deviceKind: 'cpu', loadS: 0, denoiseS: 1, decodeS: 0.25 },
  };
}
