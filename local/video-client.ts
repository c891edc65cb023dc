import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is read here of the API's Video object. */
export interface Video {
  id: string;
  status: 'queued' | 'in_progress' | 'completed' | 'failed';
  /** E.g. `denoising`. */
  phase: string;
  /** Percent. */
  progress: number;
  step: number | null;
  steps: number | null;
  eta_seconds: number | null;
  seed: number;
  size: string;
  seconds: string;
  error: { code: string; message: string } | null;
}

const POLL_MS = 250;
/** An API that restarts is waited for; one that stays away is not. */
const GIVE_UP_MS = 60_000;

/** The few requests of the demo, over HTTP like any client's. */
export class VideoClient {
  readonly #url: string;

  /** @param apiUrl `http://host:port` */
  constructor(apiUrl: string) {
    this.#url = `${apiUrl}/v1/videos`;
  }

  create(prompt: string): Promise<Video> {
    return this.#json('', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt }),
    });
  }

  cancel(id: string): Promise<Video> {
    return this.#json(`/${id}/cancel`, { method: 'POST' });
  }

  /** The video once it is completed or failed; `show` is given each state on the way. */
  async finished(id: string, show: (video: Video) => void, signal: AbortSignal): Promise<Video> {
    for (let answeredAt = Date.now(); ; await sleep(POLL_MS, undefined, { signal })) {
      try {
        const video = await this.#json(`/${id}`, { signal });
        answeredAt = Date.now();
        show(video);
        if (video.status === 'completed' || video.status === 'failed') return video;
      } catch (error) {
        if (signal.aborted || Date.now() - answeredAt > GIVE_UP_MS) throw error;
      }
    }
  }

  async download(id: string, file: string): Promise<void> {
    const response = await fetch(`${this.#url}/${id}/content`);
    if (!response.ok || !response.body) throw new Error(await messageOf(response));
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
  }

  async #json(path: string, init: RequestInit): Promise<Video> {
    const response = await fetch(this.#url + path, init);
    if (!response.ok) throw new Error(await messageOf(response));
    return (await response.json()) as Video;
  }
}

/** The API's own words for what went wrong. */
async function messageOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return `${response.url} answered ${response.status}: ${text.slice(0, 200)}`;
  }
}
