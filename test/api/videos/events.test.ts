import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Context } from '@temporalio/activity';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import type { Video } from '../../../api/jobs/video-schema.ts';
import type { GenerateHeartbeat } from '../../../contract/progress.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { EventClient, type EventClientOptions } from '../../support/client/event-client.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

/** What a test holds of a `generate` that is under way. */
interface Job {
  beat: (change: Partial<GenerateHeartbeat>) => void;
  finish: () => void;
}

let service: StandInService;
/** Two APIs as of two processes: they share Temporal and nothing else. */
let api: TestApi;
let other: TestApi;
const jobs = new Map<string, Job>();
const clients: EventClient[] = [];
let quiet: { id: string; listener: EventClient; since: number };

beforeAll(async () => {
  // Here only those who ask are counted.
  const lookEveryMs = 3_600_000;
  service = await StandInService.start({ lookEveryMs, timeoutMs: 5000 });
  ({ api } = service);
  other = await startTestApi({ client: () => service.client, lookEveryMs });
  service.workers.generate = async ({ videoId }, send) => {
    let newest: Partial<GenerateHeartbeat> = {};
    const beat = (change: Partial<GenerateHeartbeat>) => send((newest = change));
    const finished = new Promise<void>((finish) => jobs.set(videoId, { beat, finish }));
    const repeat = setInterval(() => send(newest), 200);
    await Promise.race([finished, Context.current().cancelled]).finally(() => clearInterval(repeat));
  };
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
  // Nothing happens to this one while the other tests run.
  const id = await running();
  quiet = { id, listener: listenTo(id), since: performance.now() };
});

afterAll(async () => {
  for (const { finish } of jobs.values()) finish();
  for (const listener of clients) listener.close();
  await other?.stop();
  await service?.stop();
});

const urlOf = (id: string, at = api) => `${at.url}/v1/videos/${id}`;

function listenTo(id: string, options: EventClientOptions = { reconnect: false }, at = api): EventClient {
  const listener = new EventClient([`${urlOf(id, at)}/events`], options);
  clients.push(listener);
  return listener;
}

/** A video whose `generate` waits for the test. */
async function running(): Promise<string> {
  const response = await fetch(`${api.url}/v1/videos`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a red circle' }),
  });
  const { id } = (await response.json()) as { id: string };
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); !jobs.has(id); await pause())
    if (Date.now() > end) throw new Error('no job');
  jobs.get(id)!.beat({ phase: 'loading' });
  const listener = listenTo(id);
  // Not before the heartbeat is seen: from then on nothing changes by itself.
  await listener.until(({ data }) => data['step'] === 0);
  listener.close();
  return id;
}

describe('a stream of events', () => {
  it('shows the video at once, then every change, then that this was all', async () => {
    const id = await running();
    const listener = listenTo(id);
    const first = await listener.until(() => true);
    expect(first).toMatchObject({ event: 'video', data: { id, object: 'video', status: 'in_progress' } });
    const snapshot = (await fetch(urlOf(id)).then((response) => response.json())) as object;
    expect(first.data).toEqual(snapshot);

    jobs.get(id)!.beat({ phase: 'denoising', step: 20 });
    await listener.until(({ data }) => data['step'] === 20);
    jobs.get(id)!.beat({ phase: 'denoising', step: 40 });
    await listener.until(({ data }) => data['step'] === 40);
    jobs.get(id)!.finish();
    await listener.ended;

    expect(listener.names.slice(-2)).toEqual(['video', 'end']);
    expect(listener.events.at(-2)!.data).toMatchObject({ status: 'completed', progress: 100 });
    expect(listener.events.at(-1)!.data).toEqual({});
    // A video may come back to what it was, and its time left may change alone, but nothing is sent twice in a row.
    const sent = listener.events.map(({ id: eventId, data }) => JSON.stringify([eventId, data]));
    expect(sent.filter((event, at) => event === sent[at - 1])).toEqual([]);
    expect(listener.retryMs).toBe(500);
    expect(Object.fromEntries(listener.responses[0]!.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(listener.responses[0]!.headers.get('content-encoding')).toBeNull();
  });

  it('goes on where it broke off, on any process: nothing twice, nothing lost', async () => {
    const id = await running();
    // Until both know the time left, which the first video has taught them.
    const etaAt = async (at: TestApi) => ((await (await fetch(urlOf(id, at))).json()) as Video).eta_seconds;
    const isKnown = async () => (await etaAt(api)) !== null && (await etaAt(other)) !== null;
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end && !(await isKnown());) await pause();
    const before = listenTo(id);
    const { id: lastEventId } = await before.until(() => true);
    before.close();

    const after = listenTo(id, { lastEventId, reconnect: false }, other);
    while (after.responses.length === 0) await sleep(20);
    await sleep(1500);
    expect(after.responses[0]!.status).toBe(200);
    expect(after.events.filter((event) => event.id === lastEventId)).toEqual([]);
    jobs.get(id)!.beat({ phase: 'denoising', step: 7 });
    await after.until(({ data }) => data['step'] === 7);
    after.close();

    // A state that was missed is told at once.
    const late = listenTo(id, { lastEventId, reconnect: false });
    expect(await late.until(() => true)).toMatchObject({ event: 'video', data: { step: 7 } });
    late.close();
  });

  it('tells who comes back after the end not to come again', async () => {
    const id = await running();
    jobs.get(id)!.finish();
    const listener = listenTo(id);
    await listener.ended;
    const [video, end] = listener.events.slice(-2);
    // The end itself was missed: it is all that is told.
    const again = listenTo(id, { lastEventId: video!.id }, other);
    await again.ended;
    expect(again.names).toEqual(['end']);
    const never = listenTo(id, { lastEventId: end!.id }, other);
    await never.ended;
    expect(never.responses.map(({ status }) => status)).toEqual([204]);
    // Late listeners get the whole story in one go.
    const late = listenTo(id);
    await late.ended;
    expect(late.names).toEqual(['video', 'end']);
  });

  it('ends when the video is cancelled, with the reason', async () => {
    const id = await running();
    const listener = listenTo(id);
    await listener.until(() => true);
    await fetch(`${urlOf(id)}/cancel`, { method: 'POST' });
    await listener.ended;
    expect(listener.events.at(-2)!.data).toMatchObject({ status: 'failed', error: { code: 'cancelled' } });
  });

  it('costs Temporal two calls a second, though 50 listen and others poll ten times a second', async () => {
    const id = await running();
    const listeners = Array.from({ length: 50 }, () => listenTo(id));
    await Promise.all(listeners.map((listener) => listener.until(() => true)));
    const calls = () => service.describesOf.get(id) ?? 0;
    const seconds = 4;
    const before = calls();
    const begunAt = performance.now();
    let polls = 0;
    while (performance.now() - begunAt < seconds * 1000) {
      const [{ status }] = await Promise.all([fetch(urlOf(id)), sleep(100)]);
      expect(status).toBe(200);
      polls++;
    }
    const perSecond = (1000 * (calls() - before)) / (performance.now() - begunAt);
    process.stdout.write(`${polls} polls and 50 listeners in ${seconds} s: ${perSecond.toFixed(2)} calls a second\n`);
    expect(perSecond).toBeLessThanOrEqual(2.25);
    jobs.get(id)!.beat({ phase: 'denoising', step: 3 });
    await Promise.all(listeners.map((listener) => listener.until(({ data }) => data['step'] === 3)));

    // Nobody listens any more: nobody looks.
    for (const listener of listeners) listener.close();
    const callsOver = async (ms: number) => -calls() + (await sleep(ms), calls());
    for (const end = Date.now() + PATIENCE_MS; (await callsOver(1500)) > 0;) expect(Date.now()).toBeLessThan(end);
  });

  it('answers errors before it begins as every other endpoint does', async () => {
    const unknown = await fetch(`${urlOf('video_unknown')}/events`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'video_not_found' } });
    const post = await fetch(`${urlOf(quiet.id)}/events`, { method: 'POST' });
    expect(post.status).toBe(405);
    const head = await fetch(`${urlOf(quiet.id)}/events`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('says every 15 s that it is alive, where nothing else is to be said', async () => {
    await sleep(Math.max(0, quiet.since + 15_800 - performance.now()));
    // The last one may just be on its way.
    const seconds = (performance.now() - quiet.since) / 1000;
    const said = quiet.listener.comments.length;
    expect(said).toBeLessThanOrEqual(Math.floor(seconds / 15));
    expect(said).toBeGreaterThanOrEqual(Math.floor((seconds - 0.7) / 15));
    // Perhaps the time left, once the first video has shown how long they take.
    expect(new Set(quiet.listener.names)).toEqual(new Set(['video']));
  });
});
