import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import OpenAI from 'openai';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { type DevServer, startDevServer } from '../../../temporal/dev-server/dev-server.ts';
import { freePorts } from '../../../platform/http/ports.ts';
import type { WebhookActivities } from '../../../contract/activities.ts';
import { startTestApi, type TestApi, type TestApiOptions } from './api.ts';
import { patientFetch } from '../../../tools/harness/client/patient-fetch.ts';
import { silenceWorkers, StandInHarness } from '../../../tools/harness/services/stand-in-harness.ts';

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
  readonly line: StandInHarness;
  /** OpenAI's client, at this API. */
  readonly openai: OpenAI;
  /** Descriptions of workflows that Temporal was asked for so far, and those of each video. */
  describes = 0;
  readonly describesOf = new Map<string, number>();
  readonly #worker: NativeConnection;
  readonly #apiKey: string;

  private constructor(
    server: DevServer,
    client: Client,
    worker: NativeConnection,
    api: TestApi,
    { apiKey = 'none', webhooks }: StandInOptions,
  ) {
    this.server = server;
    this.client = client;
    this.api = api;
    this.#worker = worker;
    this.#apiKey = apiKey;
    this.line = new StandInHarness(worker, api.artefacts, webhooks);
    this.openai = new OpenAI({ baseURL: `${api.url}/v1`, apiKey, fetch: patientFetch });
  }

  static async start({ apiKey, webhooks, ...options }: StandInOptions = {}): Promise<StandInService> {
    silenceWorkers();
    const [port] = await freePorts(1);
    const server = await startDevServer({ cli: await findTemporalCli(), port: port! });
    const client: Client = new Client({
      connection: await Connection.connect({ address: server.address }),
      interceptors: { workflow: [{ describe: (input, next) => (count(input.workflowExecution), next(input)) }] },
    });
    const worker = await NativeConnection.connect({ address: server.address });
    const api = await startTestApi({ client: () => client, timeoutMs: 10_000, ...options });
    const service: StandInService = new StandInService(server, client, worker, api, { apiKey, webhooks });
    const count = ({ workflowId }: { workflowId?: string | null }) => {
      service.describes++;
      service.describesOf.set(workflowId!, (service.describesOf.get(workflowId!) ?? 0) + 1);
    };
    return service;
  }

  async stop(): Promise<void> {
    await this.line.stop();
    await this.api.stop();
    await this.#worker.close();
    await this.client.connection.close();
    // Nothing of it is kept.
    this.server.kill();
    await this.server.exited;
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
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
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
