import { sha256ButForId } from '../harness/model/same-video.ts';
import type { PatientClient } from './patient-client.ts';

/** A create request, and how many steps it takes. */
export interface TinyRequest {
  prompt: string;
  negative_prompt?: string;
  size: string;
  num_frames: number;
  num_inference_steps: number;
  seed: number;
}

/** A few tiny videos of different shapes, so that frames which end up in the wrong video are seen. */
export const REQUESTS: readonly TinyRequest[] = [
  {
    prompt: 'a red circle moving left on a white background',
    size: '64x64',
    num_frames: 7,
    num_inference_steps: 8,
    seed: 1,
  },
  {
    prompt: 'a blue square moving up on a black background',
    size: '64x64',
    num_frames: 7,
    num_inference_steps: 8,
    seed: 2,
  },
  {
    prompt: 'a yellow star growing on a black background',
    negative_prompt: 'a circle',
    size: '96x96',
    num_frames: 25,
    num_inference_steps: 30,
    seed: 3,
  },
  {
    prompt: 'a cyan square bouncing on a navy background',
    size: '64x96',
    num_frames: 13,
    num_inference_steps: 40,
    seed: 4,
  },
];

/** The one that takes the least. */
export const TINIEST = REQUESTS[0]!;

/** As {@link sha256ButForId}, of the MP4 of an undisturbed run of each request. */
export type References = Map<TinyRequest, string>;

/** Makes every request once, while nothing goes wrong. @throws where one is not completed */
export async function makeReferences(client: PatientClient, run: string, signal: AbortSignal): Promise<References> {
  const make = async (request: TinyRequest, i: number): Promise<[TinyRequest, string]> => {
    const id = await client.create(request, `${run}-reference-${i}`, signal);
    const video = await client.ended(id, signal);
    if (video.status !== 'completed') throw new Error(`An undisturbed video failed: ${JSON.stringify(video.error)}`);
    return [request, sha256ButForId(await client.content(id, signal))];
  };
  return new Map(await Promise.all(REQUESTS.map(make)));
}
