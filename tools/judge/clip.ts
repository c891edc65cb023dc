import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateParams, Mochi } from '../../gpu-worker/families/mochi/index.ts';

export interface Clip {
  data: Uint8Array;
  frames: number;
  height: number;
  width: number;
}

export interface ClipRequest {
  prompt: string;
  seed: number;
  /** Size and length; the profile's defaults otherwise. */
  width?: number;
  height?: number;
  numFrames?: number;
  onProgress?: GenerateParams['onProgress'];
}

interface Defaults {
  sizes: string[];
  defaultFrames: number;
  defaultSteps: number;
  defaultGuidance: number;
}

/** Renders one clip with the defaults of the model's profile.json. */
export async function renderClip(model: Mochi, dir: string, request: ClipRequest): Promise<Clip> {
  const profile = JSON.parse(readFileSync(join(dir, 'profile.json'), 'utf8')) as Defaults;
  const [defaultWidth, defaultHeight] = (profile.sizes[0] ?? '128x128').split('x').map(Number);
  const chunks: Uint8Array[] = [];
  let [frames, height, width] = [0, 0, 0];
  for await (const chunk of model.generate({
    prompt: request.prompt,
    seed: request.seed,
    width: request.width ?? defaultWidth,
    height: request.height ?? defaultHeight,
    numFrames: request.numFrames ?? profile.defaultFrames,
    numInferenceSteps: profile.defaultSteps,
    guidanceScale: profile.defaultGuidance,
    ...(request.onProgress && { onProgress: request.onProgress }),
  })) {
    chunks.push(chunk.data);
    frames += chunk.frames;
    ({ height, width } = chunk);
  }
  return { data: Buffer.concat(chunks), frames, height, width };
}
