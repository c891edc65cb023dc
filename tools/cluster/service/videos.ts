import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { keys, VARIANT_FILES } from '../../../storage/keys.ts';
import { PatientClient } from '../../chaos/patient-client.ts';
import type { TinyRequest } from '../../chaos/requests.ts';
import { sha256ButForId } from '../../harness/model/same-video.ts';
import type { VideoAnswer } from '../../harness/services/whole-service.ts';
import type { StepLog } from './steps.ts';

const STEPS = 40;
const SHAPE = { size: '96x96', num_frames: 13, num_inference_steps: STEPS };
/** Of one length, so that a disturbance finds one in its middle and all others waiting. */
const REQUESTS: readonly TinyRequest[] = [
  { ...SHAPE, prompt: 'a red circle moving left on a white background', seed: 1 },
  { ...SHAPE, prompt: 'a blue square moving up on a black background', seed: 2 },
  { ...SHAPE, prompt: 'a yellow star growing on a black background', seed: 3 },
];
/** At this step of the first video something happens: beyond its first checkpoint, far from its end. */
const MIDDLE = 15;
/** For all videos of a flight, in ms. */
const PATIENCE_MS = 600_000;

/** Videos that were asked for together, and what became of them. */
export interface Flight {
  ids: string[];
  /** One line for each that was confirmed and never came. */
  lost: string[];
  /** One line for each that was made twice, or has other files than it should. */
  doubled: string[];
  /** One line for each that is not, byte for byte, what an undisturbed one is. */
  different: string[];
  /** Steps that were done beyond those that were asked for. */
  redone: number;
}

/** A user of the service who asks for many videos at once. */
export class Videos {
  readonly #url: string;
  readonly #client: PatientClient;
  readonly #artefacts: string;
  readonly #steps: StepLog;
  readonly #references = new Map<TinyRequest, string>();
  readonly #asked = new Set<string>();

  /** @param artefacts folder of the bucket of finished files */
  constructor(url: string, artefacts: string, steps: StepLog) {
    this.#url = url;
    this.#client = new PatientClient(url);
    this.#artefacts = artefacts;
    this.#steps = steps;
  }

  /** Makes one of each kind, while nothing goes wrong. @throws where one is not completed */
  async makeReferences(): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for (const request of REQUESTS) {
      const id = await this.#ask(request, signal);
      const video = await this.#client.ended(id, signal);
      if (video.status !== 'completed') throw new Error(`An undisturbed video failed: ${JSON.stringify(video.error)}`);
      this.#references.set(request, sha256ButForId(await this.#client.content(id, signal)));
    }
  }

  /**
   * Asks for `count` videos, calls `disturb` in the middle of the first, and waits until all have ended.
   *
   * @throws what `disturb` throws
   */
  async fly(count: number, disturb: () => Promise<void>): Promise<Flight> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const requests = Array.from({ length: count }, (_, i) => REQUESTS[i % REQUESTS.length]!);
    const ids = await Promise.all(requests.map((request) => this.#ask(request, signal)));
    await this.#someInItsMiddle(ids, signal);
    await disturb();
    const ends = await Promise.all(
      ids.map((id) => this.#client.ended(id, signal).catch((error: Error) => error.message)),
    );
    const flight: Flight = { ids, lost: [], doubled: await this.#doubled(), different: [], redone: 0 };
    for (const [i, id] of ids.entries()) await this.#judge(flight, id, ends[i]!, requests[i]!);
    const done = await this.#steps.done();
    flight.redone = ids.reduce((sum, id) => sum + (done.get(id) ?? 0) - STEPS, 0);
    return flight;
  }

  async #ask(request: TinyRequest, signal: AbortSignal): Promise<string> {
    const id = await this.#client.create(request, randomUUID(), signal);
    this.#asked.add(id);
    return id;
  }

  async #someInItsMiddle(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (;;) {
      const done = await this.#steps.done();
      if (ids.some((id) => (done.get(id) ?? 0) >= MIDDLE)) return;
      await sleep(100, undefined, { signal });
    }
  }

  async #judge(flight: Flight, id: string, end: VideoAnswer | string, request: TinyRequest): Promise<void> {
    if (typeof end === 'string' || end.status !== 'completed') {
      flight.lost.push(`${id}: ${typeof end === 'string' ? end : JSON.stringify(end.error)}`);
      return;
    }
    const files = await readdir(join(this.#artefacts, keys.prefix(id)));
    const wanted = Object.values(VARIANT_FILES).map(({ name }) => name);
    if (files.toSorted().join() !== wanted.toSorted().join()) flight.doubled.push(`${id} has ${files.join(', ')}`);
    const content = await this.#client.content(id, AbortSignal.timeout(PATIENCE_MS));
    if (sha256ButForId(content) !== this.#references.get(request)) flight.different.push(`${id} is another video`);
  }

  /** Videos that the service lists, and nobody asked for. */
  async #doubled(): Promise<string[]> {
    const listed: string[] = [];
    for (let after = ''; ; after = `&after=${listed.at(-1)}`) {
      const response = await fetch(`${this.#url}/v1/videos?limit=100${after}`);
      if (!response.ok) {
        await sleep(1_000);
        continue;
      }
      const { data, has_more: more } = (await response.json()) as { data: VideoAnswer[]; has_more: boolean };
      listed.push(...data.map(({ id }) => id));
      if (!more) break;
    }
    return listed.filter((id) => !this.#asked.has(id)).map((id) => `${id}: nobody asked for it`);
  }
}
