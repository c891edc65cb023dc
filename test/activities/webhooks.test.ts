import { randomBytes } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApplicationFailure, type WorkflowExecutionInfo, WorkflowFailedError } from '@temporalio/client';
import OpenAI from 'openai';
import { PATIENCE_MS, pauses, until } from '../../tools/harness/patience.ts';
import { post } from '../../activities/webhooks/post.ts';
import { isPublic } from '../../activities/webhooks/public-address.ts';
import { RETRY_DELAYS_MS, webhookActivities } from '../../activities/webhook-activities.ts';
import { failure } from '../../contract/failure.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { POLICIES } from '../../workflows/policies.ts';
import type { WebhookDelivery } from '../../contract/webhook-event.ts';
import { testRegistry } from '../../tools/harness/services/accounts.ts';
import type { TestApi } from '../support/services/api.ts';
import { type Received, type Receiver, startReceiver } from '../support/servers/receiver.ts';
import { type StandInWorkers, untilCancelled } from '../../tools/harness/services/stand-in-workers.ts';
import { StandInService } from '../support/services/stand-in-service.ts';

const secret = () => `whsec_${randomBytes(32).toString('base64')}`;
const [OLD, NEW] = [secret(), secret()];
/** In place of 5 s, 5 min, 30 min, … */
const DELAYS_MS = [300, 500, 800];
/** Longer than the tests take. */
const CIRCUIT = { failures: 4, pauseMs: 600_000 };

let service: StandInService;
let api: TestApi;
let workers: StandInWorkers;
let receiver: Receiver;
/** Another one, that takes nothing. */
let broken: Receiver;

beforeAll(async () => {
  [receiver, broken] = await Promise.all([startReceiver(), startReceiver()]);
  broken.answers.push(...Array.from({ length: 100 }, () => 500));
  const accounts = await testRegistry(
    { id: 'alice', keys: ['of-alice'], webhook: { url: receiver.url, secrets: [OLD, NEW] } },
    { id: 'bob', keys: ['of-bob'] },
    { id: 'carol', keys: ['of-carol'], webhook: { url: receiver.url, secrets: [OLD] } },
    { id: 'dave', keys: ['of-dave'], webhook: { url: broken.url, secrets: [OLD] } },
  );
  const logger = createLogger('test', 'silent');
  const retry = { retryDelaysMs: DELAYS_MS, circuit: CIRCUIT };
  const webhooks = webhookActivities({ accounts, logger, allowPrivate: true, ...retry });
  service = await StandInService.start({ apiKey: 'of-alice', accounts, webhooks });
  ({ api, workers } = service);
  await workers.startCpuWorker();
  await workers.startGpuWorker();
});
afterAll(async () => {
  await service?.stop();
  await Promise.all([receiver?.close(), broken?.close()]);
});
afterEach(() => {
  workers.generate = async () => {};
  receiver.received.length = receiver.answers.length = 0;
});

const as = (name: string) => new OpenAI({ baseURL: `${api.url}/v1`, apiKey: `of-${name}` });
const create = async (name = 'alice') => (await as(name).videos.create({ prompt: 'a red circle' })).id;

/** The message, as OpenAI's client takes it from a receiver. */
const unwrap = ({ body, headers }: Received, key: string) =>
  as('alice').webhooks.unwrap(body, headers, key) as Promise<unknown>;

async function messages(count: number): Promise<Received[]> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); receiver.received.length < count; await pause()) {
    if (Date.now() > end) throw new Error(`${receiver.received.length} messages came, not ${count}`);
  }
  return receiver.received;
}

async function deliveriesOf(videoId: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of service.client.workflow.list({ query: 'WorkflowType = "deliverWebhook"' })) {
    if (info.workflowId.startsWith(`webhook_${videoId}_`)) found.push(info);
  }
  return found;
}

/** The one delivery of a video, once it is there. */
async function deliveryOf(videoId: string) {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
    const [found] = await deliveriesOf(videoId);
    if (found) return service.client.workflow.getHandle<() => Promise<WebhookDelivery>>(found.workflowId);
  }
  throw new Error('there is no delivery');
}

describe('an account with a webhook', () => {
  it('is told once that a video is completed, in a message that each of its secrets verifies', async () => {
    const id = await create();
    const [message] = await messages(1);
    // What the receiver does first.
    expect((await as('alice').videos.retrieve(id)).status).toBe('completed');
    for (const key of [OLD, NEW]) {
      expect(await unwrap(message!, key)).toEqual({
        id: message!.headers['webhook-id'],
        object: 'event',
        created_at: expect.any(Number),
        type: 'video.completed',
        data: { id },
      });
    }
    await expect(unwrap(message!, secret())).rejects.toThrow();
    await expect(unwrap({ ...message!, body: message!.body.replace('completed', 'failed') }, NEW)).rejects.toThrow();
    expect(message!.headers['webhook-id']).toMatch(/^evt_[0-9a-f]{32}$/);
    expect(await (await deliveryOf(id)).result()).toEqual({ status: 200 });
    await sleep(500);
    expect(receiver.received).toHaveLength(1);
    expect(await deliveriesOf(id)).toHaveLength(1);
  });

  it('is told that a video failed, and that it was cancelled', async () => {
    workers.generate = () => Promise.reject(failure('out_of_memory'));
    const failed = await create();
    const [first] = await messages(1);
    expect(await unwrap(first!, NEW)).toMatchObject({ type: 'video.failed', data: { id: failed } });
    expect(await as('alice').videos.retrieve(failed)).toMatchObject({ status: 'failed' });

    workers.generate = (_input, beat) => untilCancelled(() => beat({}));
    const cancelled = await create();
    await service.until(cancelled, ({ status }) => status === 'in_progress');
    await fetch(`${api.url}/v1/videos/${cancelled}/cancel`, {
      method: 'POST',
      headers: { authorization: 'Bearer of-alice' },
    });
    const [, second] = await messages(2);
    expect(await unwrap(second!, NEW)).toMatchObject({ type: 'video.failed', data: { id: cancelled } });
  });

  it('gets the same message again after a failure or a redirect, and not after an endless answer', async () => {
    receiver.answers.push(500, 302, 503);
    const id = await create();
    const all = await messages(4);
    expect(new Set(all.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(all.map(({ body }) => body)).size).toBe(1);
    await unwrap(all[3]!, NEW);
    expect(await (await deliveryOf(id)).result()).toEqual({ status: 200 });
    for (const [index, delay] of DELAYS_MS.entries()) {
      expect(all[index + 1]!.at - all[index]!.at).toBeGreaterThanOrEqual(delay - 50);
    }
    receiver.answers.push('endless');
    await create();
    await messages(5);
    await sleep(1500);
    expect(receiver.received).toHaveLength(5);
  });

  it('that answers 410 is left in peace, which operators can see', async () => {
    receiver.answers.push(410);
    const id = await create('carol');
    const error = await (await deliveryOf(id)).result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const cause = (error as WorkflowFailedError).cause?.cause as ApplicationFailure;
    expect([cause.type, cause.message]).toEqual(['webhook_gone', expect.stringMatching(/^127\.0\.0\.1:\d+: HTTP 410/)]);
    const next = await create('carol');
    await until(async () => (await as('carol').videos.retrieve(next)).status === 'completed');
    await sleep(1500);
    expect(receiver.received).toHaveLength(1);
  });

  it('that takes nothing is left alone for a while, and no other receiver with it', async () => {
    const first = await create('dave');
    for (
      const end = Date.now() + PATIENCE_MS, pause = pauses();
      broken.received.length < CIRCUIT.failures;
      await pause()
    ) {
      if (Date.now() > end) throw new Error(`only ${broken.received.length} messages came`);
    }
    const second = await create('dave');
    await create('alice');
    await messages(1);
    for (const id of [first, second]) {
      const error = await (await deliveryOf(id)).result().catch((thrown: unknown) => thrown);
      const cause = (error as WorkflowFailedError).cause?.cause as ApplicationFailure;
      expect(cause.type).toBe('webhook_failed');
      expect(cause.message).toMatch(/left alone for a moment after 4 failures in a row/);
    }
    expect(broken.received).toHaveLength(CIRCUIT.failures);
  });

  it('is tried for three days, as Standard Webhooks advises', () => {
    expect(POLICIES.postWebhook.retry.maximumAttempts).toBe(RETRY_DELAYS_MS.length + 1);
    expect(RETRY_DELAYS_MS.map((ms) => ms / 60_000)).toEqual([5 / 60, 5, 30, 120, 300, 600, 840, 1200, 1440]);
  });
});

it('an account without a webhook costs nothing', async () => {
  const id = await create('bob');
  await until(async () => (await as('bob').videos.retrieve(id)).status === 'completed');
  await sleep(500);
  expect(await deliveriesOf(id)).toEqual([]);
});

describe("a webhook that points into the operator's own network", () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:10.0.0.1',
    '::7f00:1',
    'fe80::1',
    'fd00::1',
    'fec0::1',
    'ff02::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '161.26.0.10',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
    '64:ff9b::a83f:8110',
    '64:ff9b:1::a00:1',
    '2002:a83f:8110::',
    '2001:0:a83f:8110::1',
    '::ffff:0:a9fe:a9fe',
    '2606:4700::5efe:a00:1',
    '2606:4700::200:5efe:a00:1',
    'localhost',
    '',
  ])('is refused: %s', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '2606:4700::1111',
    '2606:4700::5eff:a00:1',
    '168.63.129.17',
    '::ffff:8.8.8.8',
  ])('is not: %s', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it('is never sent a byte, by number or by name', async () => {
    const { port } = new URL(receiver.url);
    const send = (url: string, allowPrivate = false) =>
      post(url, '{}', { headers: {}, allowPrivate, signal: AbortSignal.timeout(5000) });
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '[::ffff:127.0.0.1]',
      '[::1]',
      'localhost',
      'LOCALHOST',
      'metadata.google.internal',
      'instance-data',
      'metadata.packet.net.',
      'kubernetes.default.svc',
    ]) {
      for (const scheme of ['http', 'https']) {
        await expect(send(`${scheme}://${host}:${port}/`)).rejects.toThrow(/its address is private/);
      }
    }
    // A name that was public when it was resolved, and is not when it is connected to.
    const lying: LookupFunction = (_name, options, callback) =>
      options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
    const signal = AbortSignal.timeout(5000);
    await expect(
      post(`http://example.com:${port}/`, '{}', { headers: {}, allowPrivate: false, signal, lookup: lying }),
    ).rejects.toThrow(/its address is private/);
    // A name that only the cloud knows, wherever it leads.
    const leading: LookupFunction = (_name, options, callback) =>
      options.all ? callback(null, [{ address: '8.8.8.8', family: 4 }]) : callback(null, '8.8.8.8', 4);
    await expect(
      post('http://Metadata.Google.Internal:1/', '{}', { headers: {}, allowPrivate: false, signal, lookup: leading }),
    ).rejects.toThrow(/its address is private/);
    await sleep(100);
    expect(receiver.received).toEqual([]);
    expect(await send(`http://localhost:${port}/`, true)).toBe(200);
  });
});
