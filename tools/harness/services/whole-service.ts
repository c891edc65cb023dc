import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { patientFetch } from '../client/patient-fetch.ts';
import { PATIENCE_MS, pauses } from '../patience.ts';
import { sha256ButForId } from '../model/same-video.ts';
import { keys } from '../../../storage/keys.ts';
import { localEnv } from '../../../local/config.ts';
import { type Service, startService } from '../../../local/service.ts';
import { untilAborted, within } from '../../../platform/flow/deadline.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import { testTemporal } from '../servers/test-temporal.ts';
import type { LogLine } from './worker-process.ts';

/** What the tests read of a Video object. */
export interface VideoAnswer {
  id: string;
  /** Of a create of several: the ids of all. */
  group?: string[];
  status: 'queued' | 'in_progress' | 'completed' | 'failed';
  progress: number;
  phase: string | null;
  preview_step: number | null;
  error: { code: string; message: string } | null;
}

/** Of a video that denoises for some eight seconds, so that no look misses it, on a quick machine either. */
export const LONG_SHAPE = { width: 128, height: 128, num_frames: 13, num_inference_steps: 200 };

const LISTENING = 'Listening';
const STANDING_BY = 'Standing by: another process has the port';
const STANDS = [LISTENING, STANDING_BY];

/** The service as `npm start` runs it, on free ports and a folder of its own, driven over HTTP. */
export class WholeService {
  readonly service: Service;
  readonly temporalAddress: string;
  /** As `DATA_DIR`. */
  readonly folder: string;

  readonly #ownFolder: boolean;

  private constructor(service: Service, folder: string, ownFolder: boolean, temporalAddress: string) {
    this.service = service;
    this.folder = folder;
    this.#ownFolder = ownFolder;
    this.temporalAddress = temporalAddress;
  }

  /**
   * @param data as `DATA_DIR`, where it has to be a certain folder; it stays
   * @param signal gives up before it is ready
   * @throws where it is not ready in time
   */
  static async start(
    env: Record<string, string>,
    data?: string,
    signal = new AbortController().signal,
  ): Promise<WholeService> {
    // Known to the service by TEMPORAL_CLI.
    await testTemporal();
    const folder = data ?? (await mkdtemp(join(tmpdir(), 'kinora-service-')));
    const [api = 0, temporal = 0, ui = 0] = await freePorts(3);
    const ports = { API_PORT: api, TEMPORAL_PORT: temporal, TEMPORAL_UI_PORT: ui };
    const config = localEnv.parse({ API_FIRST: 'false', ...env, ...ports, DATA_DIR: folder });
    const before = { ...process.env };
    Object.assign(process.env, env);
    const service = await startService(config, () => {}).finally(() => (process.env = before));
    const whole = new WholeService(service, folder, data === undefined, `127.0.0.1:${temporal}`);
    try {
      const late = () => new Error(`The service is not ready after ${PATIENCE_MS / 1000} s.`);
      await untilAborted(signal, within(PATIENCE_MS, service.ready, late));
    } catch (error) {
      await whole.stop();
      throw error;
    }
    return whole;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    if (this.#ownFolder) await rm(this.folder, { recursive: true, force: true });
  }

  /** Ends one of its processes without a word; the service starts it again. */
  kill(name: keyof ReturnType<Service['pids']>): void {
    process.kill(this.service.pids()[name]!, 'SIGKILL');
  }

  /** Which of the two API processes serves; waits until the other one stands by, which takes over where it ends. */
  async servingApi(timeoutMs = PATIENCE_MS): Promise<'api' | 'api-standby'> {
    for (const end = Date.now() + timeoutMs, pause = pauses(); Date.now() < end; await pause()) {
      const lines = await this.log('api', '"pid"');
      // The standby that has taken over says so last.
      const said = (pid?: number) => lines.findLast((line) => line['pid'] === pid && STANDS.includes(line.msg))?.msg;
      const { api, 'api-standby': other } = this.service.pids();
      if (said(api) === LISTENING && said(other) === STANDING_BY) return 'api';
      if (said(other) === LISTENING && said(api) === STANDING_BY) return 'api-standby';
    }
    throw new Error('no API process stands by');
  }

  async create(fields: Record<string, unknown>, headers: Record<string, string> = {}): Promise<VideoAnswer> {
    return (await this.#fetch('/v1/videos', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(fields),
    }).then((response) => response.json())) as VideoAnswer;
  }

  async cancel(id: string): Promise<VideoAnswer> {
    return (await this.#fetch(`/v1/videos/${id}/cancel`, { method: 'POST' }).then((r) => r.json())) as VideoAnswer;
  }

  /** Polls until `done`, through outages of the API and of what is behind it; checks that progress never falls. */
  async until(id: string, done: (video: VideoAnswer) => boolean, timeoutMs = PATIENCE_MS): Promise<VideoAnswer> {
    let last: VideoAnswer | undefined;
    for (const end = Date.now() + timeoutMs, pause = pauses(); Date.now() < end; await pause()) {
      const video = await this.#fetch(`/v1/videos/${id}`)
        .then((response) => response.json() as Promise<VideoAnswer>)
        .catch(() => null);
      if (video === null) continue;
      if (last && video.progress < last.progress) throw new Error(`progress fell: ${last.progress}, ${video.progress}`);
      last = video;
      if (done(video)) return video;
      const over = video.status === 'failed' || video.status === 'completed';
      if (over) throw new Error(`${video.status} before it was seen as wanted: ${JSON.stringify(video.error)}`);
    }
    throw new Error(`not within ${timeoutMs} ms; last seen: ${JSON.stringify(last)}`);
  }

  completed(id: string): Promise<VideoAnswer> {
    return this.until(id, ({ status }) => status === 'completed');
  }

  async content(id: string): Promise<Buffer> {
    const response = await this.#fetch(`/v1/videos/${id}/content`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** As {@link sha256ButForId}, of the finished MP4. */
  async checksum(id: string): Promise<string> {
    return sha256ButForId(await this.content(id));
  }

  /** Names of what a video has in the scratch store. */
  async scratchFiles(id: string): Promise<string[]> {
    return await readdir(join(this.folder, 'scratch', keys.prefix(id))).catch(() => []);
  }

  /** Lines of a process's log that hold a text, such as a video's id, oldest first. `time` is Unix ms. */
  async log(name: string, part: string): Promise<(LogLine & { time: number })[]> {
    const text = await readFile(join(this.folder, 'logs', `${name}.log`), 'utf8');
    return text
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(part))
      .map((line) => JSON.parse(line) as LogLine & { time: string })
      .map((line) => ({ ...line, time: Date.parse(line.time) }));
  }

  async #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await patientFetch(`${this.service.apiUrl}${path}`, {
      ...init,
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`);
    return response;
  }
}
