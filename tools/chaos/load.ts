import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoAnswer } from '../harness/services/whole-service.ts';
import type { PatientClient } from './patient-client.ts';
import type { Random } from '../harness/random.ts';
import { REQUESTS, type TinyRequest } from './requests.ts';

/** A video that was asked for. */
export interface Job {
  request: TinyRequest;
  /** Null until the service has confirmed it. */
  id: string | null;
  /** How it ended; null while it has not. */
  end: VideoAnswer | null;
  /** Its user changed their mind. */
  cancelled: boolean;
  /** What kept it from being watched to its end. */
  trouble: string | null;
}

export interface LoadOptions {
  client: PatientClient;
  random: Random;
  /** Told in the keys of the requests, so that no two runs share one. */
  run: string;
  /** Each job is one of them. @default REQUESTS */
  requests?: readonly TinyRequest[];
  /** Share of the jobs that are cancelled on their way. @default 0 */
  cancels?: number;
}

/** How long after it was asked for a video is cancelled, at most, in ms. */
const CANCEL_WITHIN_MS = 20_000;

/** Keeps a number of jobs in flight, and remembers every one. */
export class Load {
  readonly jobs: Job[] = [];
  readonly #options: LoadOptions;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get unfinished(): number {
    return this.jobs.filter(({ end, trouble }) => end === null && trouble === null).length;
  }

  /**
   * @param goOn whether another job is to be begun
   * @param giveUp aborts when what has not ended by then never will
   */
  async run(inFlight: number, goOn: () => boolean, giveUp: AbortSignal): Promise<void> {
    const slot = async () => {
      while (goOn()) await this.#one(giveUp);
    };
    await Promise.all(Array.from({ length: inFlight }, slot));
  }

  async #one(giveUp: AbortSignal): Promise<void> {
    const { client, random, run, requests = REQUESTS, cancels = 0 } = this.#options;
    const cancelled = random.next() < cancels;
    const job: Job = { request: random.pick(requests), id: null, end: null, cancelled, trouble: null };
    const key = `${run}-${this.jobs.push(job)}`;
    try {
      const id = (job.id = await client.create(job.request, key, giveUp));
      if (cancelled) {
        await sleep(random.between(0, CANCEL_WITHIN_MS), undefined, { signal: giveUp });
        await client.cancel(id, giveUp);
      }
      job.end = await client.ended(id, giveUp);
    } catch (error) {
      job.trouble = giveUp.aborted ? 'it did not end in time' : (error as Error).message;
    }
  }
}
