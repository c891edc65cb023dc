import { Client } from '@temporalio/client';
import OpenAI from 'openai';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import type { DevServer } from '../../../temporal/dev-server/dev-server.ts';
import type { WebhookActivities } from '../../../contract/activities.ts';
import { startTestApi, type TestApi, type TestApiOptions } from './api.ts';
import { patientFetch } from '../../../tools/harness/client/patient-fetch.ts';
import { StandInWorkers } from '../../../tools/harness/services/stand-in-workers.ts';
import { TemporalHarness } from '../../../tools/harness/services/temporal-harness.ts';

export interface StandInOptions extends TestApiOptions {
  /** What its clients send. @default any */
  apiKey?: string | undefined;
  /** @default nobody is told anything */
  webhooks?: WebhookActivities | undefined;
}

/** Temporal's server, the API, and the line with stand-in activities, whose workers a test starts. */
export class StandInService {
  readonly server: DevServer;
  readonly client: Client;
  readonly api: TestApi;
  readonly workers: StandInWorkers;
  /** OpenAI's client, at this API. */
  readonly openai: OpenAI;
  /** Descriptions of workflows that Temporal was asked for so far, and those of each video. */
  describes = 0;
  readonly describesOf = new Map<string, number>();
  readonly #temporal: TemporalHarness;
  readonly #apiKey: string;

  private constructor(temporal: TemporalHarness, client: Client, api: TestApi, options: StandInOptions) {
    const { apiKey = 'none', webhooks } = options;
    this.server = temporal.server;
    this.client = client;
    this.api = api;
    this.#temporal = temporal;
    this.#apiKey = apiKey;
    this.workers = new StandInWorkers(temporal.connection, api.artefacts, webhooks);
    this.openai = new OpenAI({ baseURL: `${api.url}/v1`, apiKey, fetch: patientFetch });
  }

  static async start(options: StandInOptions = {}): Promise<StandInService> {
    const { apiKey: _key, webhooks: _webhooks, ...apiOptions } = options;
    const temporal = await TemporalHarness.start();
    const client: Client = new Client({
      connection: temporal.client.connection,
      interceptors: { workflow: [{ describe: (input, next) => (count(input.workflowExecution), next(input)) }] },
    });
    const api = await startTestApi({ client: () => client, timeoutMs: 10_000, ...apiOptions });
    const service: StandInService = new StandInService(temporal, client, api, options);
    const count = ({ workflowId }: { workflowId?: string | null }) => {
      service.describes++;
      service.describesOf.set(workflowId!, (service.describesOf.get(workflowId!) ?? 0) + 1);
    };
    return service;
  }

  async stop(): Promise<void> {
    await this.workers.stop();
    await this.api.stop();
    await this.#temporal.stop();
  }

  /** A request below `/v1/videos`; one that a busy machine is told to send later is sent again. */
  request(path: string, method = 'GET', body?: object, headers: Record<string, string> = {}): Promise<Response> {
    return patientFetch(`${this.api.url}/v1/videos${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#apiKey}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async create(body: Record<string, unknown> = {}): Promise<Video> {
    return (await this.openai.videos.create({ prompt: 'a red circle', ...body })) as unknown as Video;
  }

  async retrieve(id: string): Promise<Video> {
    return (await this.openai.videos.retrieve(id)) as unknown as Video;
  }

  /** Looks at a video until it is as wanted; every look on the way is kept. */
  async until(id: string, wanted: (video: Video) => boolean, timeoutMs = PATIENCE_MS): Promise<Video[]> {
    const seen: Video[] = [];
    for (const end = Date.now() + timeoutMs, pause = pauses(); Date.now() < end; await pause()) {
      const video = await this.retrieve(id);
      seen.push(video);
      if (wanted(video)) return seen;
    }
    throw new Error(`${JSON.stringify(seen.at(-1))} is not as wanted`);
  }

  /** The video at its end. */
  async finished(id: string, timeoutMs?: number): Promise<Video> {
    return (await this.until(id, ({ status }) => status === 'completed' || status === 'failed', timeoutMs)).at(-1)!;
  }
}
