/**
 * What makes this API OpenAI's Videos API for those who use it, point by point:
 *
 *  1 openai 6.49 (forms), the whole life of a video     8 unsupported endpoints are asked for once → wire.test.ts
 *  2 openai 6.27 (JSON), the same                       9 content before it is ready is asked for once
 *  3 Python's create_and_poll      → clients.test.ts   10 Idempotency-Key    → admission/idempotency.test.ts
 *  4 AIPerf                        → clients.test.ts   11 a cancelled video ends every poll
 *  5 parts with a content type are fields              12 webhooks are OpenAI's
 *  6 extra_body in both forms                          13 ten polls a second → videos/events.test.ts
 *  7 errors                        → sdk-errors.test.ts 14 x-request-id      → wire.test.ts
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import OpenAI from 'openai';
import OpenAIJson from 'openai-json';
import { PATIENCE_MS, pauses } from '../../tools/harness/patience.ts';
import { webhookActivities } from '../../activities/webhook-activities.ts';
import type { Video } from '../../api/jobs/video-schema.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { testRegistry } from '../../tools/harness/services/accounts.ts';
import { type Receiver, startReceiver } from '../support/servers/receiver.ts';
import { refusal } from '../support/client/refusal.ts';
import { contentOf, untilCancelled } from '../../tools/harness/services/stand-in-workers.ts';
import { StandInService } from '../support/services/stand-in-service.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let service: StandInService;
let openai: OpenAI;
let receiver: Receiver;
/** The prompt of videos that are only ever cancelled. */
const ENDLESS = 'without end';

beforeAll(async () => {
  receiver = await startReceiver();
  const accounts = await testRegistry(
    { id: 'alice', keys: ['of-alice'] },
    { id: 'carol', keys: ['of-carol'], webhook: { url: receiver.url, secrets: [SECRET] } },
  );
  const webhooks = webhookActivities({ accounts, logger: createLogger('test', 'silent'), allowPrivate: true });
  service = await StandInService.start({ accounts, webhooks, apiKey: 'of-alice' });
  ({ openai } = service);
  service.workers.generate = ({ spec }, beat) =>
    spec.prompt === ENDLESS ? untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 })) : Promise.resolve();
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
});
afterAll(async () => {
  await service?.stop();
  await receiver?.close();
});

/** How often the server was asked for something since. */
function requestsOf(what: string | RegExp): () => number {
  const before = service.api.requests.length;
  return () => service.api.requests.slice(before).filter((request) => request.match(what)).length;
}

const form = (fields: Record<string, string>, type?: string): RequestInit => {
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n${type ? `Content-Type: ${type}\r\n` : ''}\r\n${value}\r\n`,
  );
  return {
    method: 'POST',
    body: `${parts.join('')}--XX--\r\n`,
    headers: { authorization: 'Bearer of-alice', 'content-type': 'multipart/form-data; boundary=XX' },
  };
};
const postForm = (fields: Record<string, string>, type?: string) =>
  fetch(`${service.api.url}/v1/videos`, form(fields, type));

/** What of a video was asked for. */
const specOf = ({ prompt, model, size, seconds, seed, num_inference_steps, guidance_scale }: Video) =>
  JSON.stringify({ prompt, model, size, seconds, seed, num_inference_steps, guidance_scale });

it.each([
  ['1. openai 6.49', OpenAI, 'multipart/form-data'],
  ['2. openai 6.27', OpenAIJson as unknown as typeof OpenAI, 'application/json'],
])('%s creates, looks, lists over three pages, downloads and deletes', async (_name, Client, contentType) => {
  const sent: string[] = [];
  const client = new Client({
    baseURL: `${service.api.url}/v1`,
    apiKey: 'of-carol',
    fetch: (url, init) => {
      if (init?.method?.toUpperCase() === 'POST')
        sent.push(new Request(url as string, init).headers.get('content-type')!);
      return fetch(url as string, init);
    },
  });
  let created: string[] = [];
  // Of one second, whose order `created_at` does not tell; a busy machine may not make five in one.
  for (let tries = 0, ofOneSecond = false; tries < 5 && !ofOneSecond; tries++) {
    const fields = { prompt: 'a red circle', seconds: '4' } as const;
    const videos = await Promise.all(Array.from({ length: 5 }, () => client.videos.create(fields)));
    ofOneSecond = new Set(videos.map((video) => video.created_at)).size === 1;
    created = videos.map((video) => video.id);
  }
  expect(sent[0]).toMatch(contentType);
  const [id] = created as [string];
  expect(await client.videos.retrieve(id)).toMatchObject({ id, object: 'video', prompt: 'a red circle', seconds: '4' });

  const pages = requestsOf(/^GET \/v1\/videos\?/);
  const listed: { id: string; created_at: number }[] = [];
  for await (const video of client.videos.list({ limit: 2 })) {
    listed.push(video);
    if (listed.length === 5) break;
  }
  expect(pages()).toBe(3);
  expect(listed.map((video) => video.id)).toEqual(created.toSorted().toReversed());

  await finished(id, client);
  for (const variant of ['video', 'thumbnail', 'spritesheet'] as const) {
    const content = await client.videos.downloadContent(id, { variant });
    expect(Buffer.from(await content.arrayBuffer())).toEqual(contentOf(id, variant));
  }
  expect(await client.videos.delete(id)).toEqual({ id, object: 'video.deleted', deleted: true });
  await expect(client.videos.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'video_not_found' });
});

async function finished(id: string, client: OpenAI = openai) {
  for (;;) {
    const video = await client.videos.retrieve(id);
    if (video.status === 'completed' || video.status === 'failed') return video;
    await sleep(100);
  }
}

it('5. text parts with a content type are fields, and "7" and 7 are the same job', async () => {
  const fields = { prompt: 'a cat', seed: '7', num_inference_steps: '4', guidance_scale: '3.5' };
  const typed = (await (await postForm(fields, 'text/plain; charset=utf-8')).json()) as Video;
  const octets = (await (await postForm(fields, 'application/octet-stream')).json()) as Video;
  const plain = await service.create({ prompt: 'a cat', seed: '7', num_inference_steps: 4, guidance_scale: 3.5 });
  const json = await service.request('', 'POST', { ...fields, seed: 7, num_inference_steps: 4, guidance_scale: 3.5 });
  expect(typed).toMatchObject({ prompt: 'a cat', seed: 7, num_inference_steps: 4, guidance_scale: 3.5 });
  expect(specOf(octets)).toEqual(specOf(typed));
  expect(specOf(plain)).toEqual(specOf(typed));
  expect(specOf((await json.json()) as Video)).toEqual(specOf(typed));
});

it('6. extra_body is an object or its JSON; a field beside it wins; what is no JSON is refused by name', async () => {
  const asObject = await service.request('', 'POST', { prompt: 'a cat', extra_body: { seed: 7, fps: 24 }, fps: 12 });
  expect(await asObject.json()).toMatchObject({ seed: 7, fps: 12 });
  const asText = await postForm({ prompt: 'a cat', extra_body: '{"seed": 7, "fps": 24}', fps: '12' });
  expect(await asText.json()).toMatchObject({ seed: 7, fps: 12 });
  for (const refused of [
    await postForm({ prompt: 'a cat', extra_body: '{"seed": ' }),
    await service.request('', 'POST', { prompt: 'a cat', extra_body: 'seed=7' }),
  ]) {
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { param: 'extra_body', code: 'invalid_value' } });
  }
});

it('9. content is asked for once before it is ready, and after a failure', async () => {
  const { id } = await service.create({ prompt: ENDLESS });
  const requests = requestsOf(`/v1/videos/${id}/content`);
  expect(await refusal(openai.videos.downloadContent(id))).toMatchObject({ status: 400, code: 'video_not_ready' });
  expect(requests()).toBe(1);
  await service.request(`/${id}/cancel`, 'POST');
  await service.finished(id);
  expect(await refusal(openai.videos.downloadContent(id))).toMatchObject({ code: 'video_generation_failed' });
  expect(requests()).toBe(2);
});

it('11. a cancelled video is failed, with the code cancelled, so that every poll ends', async () => {
  const { id } = await service.create({ prompt: ENDLESS });
  const polled = finished(id);
  await service.request(`/${id}/cancel`, 'POST');
  expect(await polled).toMatchObject({ status: 'failed', error: { code: 'cancelled', message: expect.any(String) } });
});

it("12. a webhook is what OpenAI's client takes for one", async () => {
  receiver.received.length = 0;
  const carol = new OpenAI({ baseURL: `${service.api.url}/v1`, apiKey: 'of-carol' });
  const { id } = await carol.videos.create({ prompt: 'a red circle' });
  const messageOf = () => receiver.received.find(({ body }) => body.includes(id));
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); !messageOf() && Date.now() < end;) await pause();
  const { body, headers } = messageOf()!;
  expect(await carol.webhooks.unwrap(body, headers, SECRET)).toMatchObject({
    object: 'event',
    type: 'video.completed',
    data: { id },
  });
  await expect(carol.webhooks.unwrap(body.replace('completed', 'failed'), headers, SECRET)).rejects.toThrow(
    /signature/,
  );
});
