import { createHash } from 'node:crypto';
import type { PatientClient } from './patient-client.ts';
import { REQUESTS, type TinyRequest } from './requests.ts';

/** SHA-256 of the MP4 of an undisturbed run of each request. */
export type References = Map<TinyRequest, string>;

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Makes every request once, while nothing goes wrong. @throws where one is not completed */
export async function makeReferences(client: PatientClient, run: string, signal: AbortSignal): Promise<References> {
  const make = async (request: TinyRequest, i: number): Promise<[TinyRequest, string]> => {
    const id = await client.create(request, `${run}-reference-${i}`, signal);
    const video = await client.ended(id, signal);
    if (video.status !== 'completed') throw new Error(`An undisturbed video failed: ${JSON.stringify(video.error)}`);
    return [request, sha256(await client.content(id, signal))];
  };
  return new Map(await Promise.all(REQUESTS.map(make)));
}
