import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeviceType, GOLDEN_MODEL, type Golden, type GoldenRequest, TOLERANCE } from './golden.ts';
import { difference, isFlat, type Likeness, likenessOf } from './likeness.ts';

export interface CanaryOptions {
  /** `http://host:port` of a running service. */
  url: string;
  /** @default the service asks for none */
  key?: string | undefined;
  /** What a video may take from its request to its file. */
  secondsEach: number;
}

/** What became of one prompt. */
export interface Sighting {
  prompt: string;
  /** From the request to the file. */
  seconds: number;
  likeness: Likeness | null;
  /** Null where all is well. */
  fault: string | null;
}

const POLL_MS = 500;

/** Asks a running service for videos whose pictures are known, one after the other, and examines what comes. */
export class Canary {
  readonly #options: CanaryOptions;
  /** What the service serves. */
  model = '';
  /** What the last video was made on. */
  device: DeviceType = 'cpu';

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /** Finds out what serves. @throws Error where it does not answer */
  async begin(): Promise<void> {
    const { data } = (await this.#json('/v1/models')) as { data: { id: string }[] };
    this.model = data[0]!.id;
  }

  /** @param golden null where nothing is known of how it should look */
  async try(request: GoldenRequest, golden: Golden | null): Promise<Sighting> {
    const begin = performance.now();
    const folder = await mkdtemp(join(tmpdir(), 'kinora-canary-'));
    let likeness: Likeness | null = null;
    let fault: string | null;
    try {
      const file = join(folder, 'video.mp4');
      await writeFile(file, await this.#make(request));
      likeness = await likenessOf(file);
      this.device = await this.#deviceType();
      fault = this.#faultOf(likeness, request, golden);
    } catch (error) {
      fault = (error as Error).message;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return { prompt: request.prompt, seconds: (performance.now() - begin) / 1000, likeness, fault };
  }

  /** What all workers compute on; only operators are told, and others get the wider tolerance. */
  async #deviceType(): Promise<DeviceType> {
    const workers = (await this.#json('/v1/workers').catch(() => null)) as { data: { device: string | null }[] } | null;
    const devices = workers?.data.flatMap(({ device }) => device ?? []) ?? [];
    return devices.length > 0 && devices.every((device) => device === 'cpu') ? 'cpu' : 'cuda';
  }

  #faultOf(likeness: Likeness, request: GoldenRequest, golden: Golden | null): string | null {
    const { width, height, frames } = likeness;
    if (width !== request.width || height !== request.height || frames !== request.num_frames) {
      return `${frames} frames of ${width}x${height}`;
    }
    if (isFlat(likeness)) return 'nothing is to be seen';
    if (golden === null || this.model !== GOLDEN_MODEL) return null;
    const off = difference(likeness, golden.likeness);
    return off <= TOLERANCE[this.device]
      ? null
      : `off by ${off.toFixed(1)} levels, ${TOLERANCE[this.device]} are allowed`;
  }

  async #make(request: GoldenRequest): Promise<Buffer> {
    const signal = AbortSignal.timeout(this.#options.secondsEach * 1000);
    try {
      const { id } = (await this.#json('/v1/videos', {
        method: 'POST',
        body: JSON.stringify(request),
        signal,
      })) as Video;
      for (;;) {
        const { status, error } = (await this.#json(`/v1/videos/${id}`, { signal })) as Video;
        if (status === 'failed') throw new Error(`${id} failed: ${error?.code} ${error?.message}`);
        if (status === 'completed') break;
        await sleep(POLL_MS, undefined, { signal });
      }
      const content = await this.#ask(`/v1/videos/${id}/content`, { signal });
      const bytes = Buffer.from(await content.arrayBuffer());
      await this.#ask(`/v1/videos/${id}`, { method: 'DELETE', signal });
      return bytes;
    } catch (error) {
      if (signal.aborted) throw new Error(`no file after ${this.#options.secondsEach} s`, { cause: error });
      throw error;
    }
  }

  async #json(path: string, init: RequestInit = {}): Promise<unknown> {
    return (await this.#ask(path, init)).json();
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const { url, key } = this.#options;
    const headers = {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    const response = await fetch(url + path, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${(await response.text()).slice(0, 300)}`);
    return response;
  }
}

interface Video {
  id: string;
  status: string;
  error: { code: string; message: string } | null;
}
