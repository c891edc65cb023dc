import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoAnswer } from '../harness/services/whole-service.ts';

/** What the bystander went through for a while. */
export interface Experience {
  /** Of every poll that was answered, ms. */
  pollsMs: number[];
  /** Polls that were answered with 503 and `retry-after`. */
  busy: number;
  /** What must not happen to anybody, each with one line that names it. */
  faults: string[];
  /** The videos that were asked for meanwhile: when the first request was sent and when it was taken, ms since 1970. */
  videos: { id: string; askedAt: number; takenAt: number }[];
}

const POLL_EVERY_MS = 100;
const LIST_EVERY_MS = 1_000;
/** A client that waits longer gives up. */
const PATIENCE_MS = 30_000;
const LEAST_WAIT_MS = 250;
const TINY = { prompt: 'a blue square moving up', size: '64x64', num_frames: 7, num_inference_steps: 8 };

interface Answer {
  status: number;
  retryAfterS: number | null;
  body: string;
}

/** The second account: makes one video after the other, polls it ten times a second and lists its videos once a second. */
export class Bystander {
  readonly #url: URL;
  readonly #key: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #stop = new AbortController();
  #experience: Experience = fresh();
  #current: string | null = null;
  #loops: Promise<unknown> = Promise.resolve();

  /** @param url of the API */
  constructor(url: string, key: string) {
    this.#url = new URL(url);
    this.#key = key;
  }

  start(): void {
    const every = async (ms: number, work: () => Promise<void>) => {
      while (!this.#stop.signal.aborted) {
        const next = performance.now() + ms;
        await work();
        await sleep(Math.max(1, next - performance.now()));
      }
    };
    const making = every(1, () => this.#makeOne());
    this.#loops = Promise.all([
      making,
      every(POLL_EVERY_MS, () => this.#poll()),
      every(LIST_EVERY_MS, async () => void (await this.#ask('GET', '/v1/videos?limit=10'))),
    ]);
  }

  /** Resolves after that many polls, from the last {@link take} on. */
  async polled(count: number, signal: AbortSignal): Promise<void> {
    while (this.#experience.pollsMs.length < count) await sleep(50, undefined, { signal });
  }

  /** What happened since the last call. */
  take(): Experience {
    const taken = this.#experience;
    this.#experience = fresh();
    return taken;
  }

  /** Videos asked for since the last {@link take}. */
  get asked(): number {
    return this.#experience.videos.length;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loops;
    this.#agent.destroy();
  }

  async #makeOne(): Promise<void> {
    const askedAt = Date.now();
    const headers = { 'idempotency-key': randomUUID() };
    let answer: Answer | null = null;
    while (answer?.status !== 200) {
      answer = await this.#ask('POST', '/v1/videos', TINY, headers);
      if (this.#stop.signal.aborted) return;
      if (answer?.status !== 200) await sleep(Math.max(LEAST_WAIT_MS, (answer?.retryAfterS ?? 0) * 1000));
    }
    const { id } = JSON.parse(answer.body) as VideoAnswer;
    this.#experience.videos.push({ id, askedAt, takenAt: Date.now() });
    this.#current = id;
    while (this.#current !== null && !this.#stop.signal.aborted) await sleep(50);
  }

  async #poll(): Promise<void> {
    const id = this.#current;
    if (id === null) return;
    const startedAt = performance.now();
    const answer = await this.#ask('GET', `/v1/videos/${id}`);
    if (answer?.status !== 200) return;
    this.#experience.pollsMs.push(performance.now() - startedAt);
    const { status, error } = JSON.parse(answer.body) as VideoAnswer;
    if (status === 'failed') this.#experience.faults.push(`the bystander's ${id} failed: ${error?.code}`);
    if (status === 'failed' || status === 'completed') this.#current = null;
  }

  /** Null where the connection broke; what must not be is noted. */
  async #ask(method: string, path: string, fields?: object, more: object = {}): Promise<Answer | null> {
    const experience = this.#experience;
    const headers = { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', ...more };
    const { hostname, port } = this.#url;
    const options = { method, hostname, port, path, headers, agent: this.#agent };
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        const sent = request({ ...options, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
          let body = '';
          const retryAfter = response.headers['retry-after'];
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode!,
              retryAfterS: retryAfter === undefined ? null : Number(retryAfter),
              body,
            }),
          );
        });
        sent.once('error', reject);
        sent.end(fields && JSON.stringify(fields));
      });
      const { status, retryAfterS, body } = answer;
      if (status === 503 && retryAfterS !== null) experience.busy++;
      else if (status !== 200 && !(status === 429 && retryAfterS !== null)) {
        experience.faults.push(`${method} ${path.replace(/video_\w+/, 'video_…')}: ${status} ${body.slice(0, 200)}`);
      }
      return answer;
    } catch (error) {
      if (!this.#stop.signal.aborted)
        experience.faults.push(`${method} ${path.replace(/video_\w+/, 'video_…')}: ${(error as Error).message}`);
      return null;
    }
  }
}

const fresh = (): Experience => ({ pollsMs: [], busy: 0, faults: [], videos: [] });
