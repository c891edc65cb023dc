import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoAnswer } from '../harness/services/whole-service.ts';
import { timeLimit } from '../../platform/flow/deadline.ts';

/** An answer that asking again does not change. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const REQUEST_TIMEOUT_MS = 15_000;
const WAIT_MS = 300;
const POLL_MS = 500;

/** A user who asks again when nothing, or nothing useful, comes back; with the same key, so that nothing is made twice. */
export class PatientClient {
  /** Requests that had to be repeated. */
  repeated = 0;
  readonly #url: string;

  /** @param apiUrl `http://host:port` */
  constructor(apiUrl: string) {
    this.#url = `${apiUrl}/v1/videos`;
  }

  /** @returns the id of the video that stands for the key @throws RefusedError; the signal's reason */
  async create(fields: object, key: string, signal: AbortSignal): Promise<string> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const answer = await this.#ask('', { method: 'POST', headers, body: JSON.stringify(fields) }, signal);
    return ((await answer.json()) as VideoAnswer).id;
  }

  async get(id: string, signal: AbortSignal): Promise<VideoAnswer> {
    return (await (await this.#ask(`/${id}`, {}, signal)).json()) as VideoAnswer;
  }

  /** The video once it is completed or failed. */
  async ended(id: string, signal: AbortSignal): Promise<VideoAnswer> {
    for (;;) {
      const video = await this.get(id, signal);
      if (video.status === 'completed' || video.status === 'failed') return video;
      await sleep(POLL_MS, undefined, { signal });
    }
  }

  async cancel(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(`/${id}/cancel`, { method: 'POST' }, signal);
  }

  async content(id: string, signal: AbortSignal): Promise<Buffer> {
    return Buffer.from(await (await this.#ask(`/${id}/content`, {}, signal)).arrayBuffer());
  }

  async #ask(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    for (;;) {
      signal.throwIfAborted();
      const once = timeLimit(REQUEST_TIMEOUT_MS, signal);
      const answer = await fetch(this.#url + path, { ...init, signal: once })
        .then(async (response) => new Response(await response.arrayBuffer(), { status: response.status }))
        .catch(() => null);
      if (answer?.ok) return answer;
      if (answer && answer.status < 500 && answer.status !== 429) {
        throw new RefusedError(`${path}: HTTP ${answer.status} ${await answer.text()}`, answer.status);
      }
      this.repeated++;
      await sleep(WAIT_MS, undefined, { signal }).catch(() => {});
    }
  }
}
