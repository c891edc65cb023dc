import type { VideoAnswer } from '../support/whole-service.ts';
import type { PatientClient } from './patient-client.ts';
import type { Random } from './random.ts';
import { REQUESTS, type TinyRequest } from './requests.ts';

/** A video that was asked for. */
export interface Job {
  request: TinyRequest;
  /** Null until the service has confirmed it. */
  id: string | null;
  /** How it ended; null while it has not. */
  end: VideoAnswer | null;
  /** What kept it from being watched to its end. */
  trouble: string | null;
}

/** Keeps so many jobs in flight, and remembers every one. */
export class Load {
  readonly jobs: Job[] = [];
  readonly #client: PatientClient;
  readonly #random: Random;
  readonly #run: string;
  readonly #requests: readonly TinyRequest[];

  /** @param run told in the keys of the requests, so that no two runs share one @param requests of which each job is one */
  constructor(client: PatientClient, random: Random, run: string, requests = REQUESTS) {
    this.#client = client;
    this.#random = random;
    this.#run = run;
    this.#requests = requests;
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
    const job: Job = { request: this.#random.pick(this.#requests), id: null, end: null, trouble: null };
    const key = `${this.#run}-${this.jobs.push(job)}`;
    try {
      const id = (job.id = await this.#client.create(job.request, key, giveUp));
      job.end = await this.#client.ended(id, giveUp);
    } catch (error) {
      job.trouble = giveUp.aborted ? 'it did not end in time' : (error as Error).message;
    }
  }
}
