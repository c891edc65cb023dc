import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyedRequest } from '../../../api/admission/idempotency.ts';
import type { CreatedVideo, Video, VideoList } from '../../../api/jobs/video-schema.ts';
import { createVideoParser } from '../../../api/spec/create-schema.ts';
import { LocalStore } from '../../../storage/local.ts';
import { type RequestKeyMemo, requestKeyId } from '../../../temporal/request-keys.ts';
import { reserved } from '../../../temporal/reservations.ts';
import { type SlotMemo, slotId } from '../../../temporal/slots.ts';
import { GENERATE_VIDEO } from '../../../contract/names.ts';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';
import { StandInWorkers } from '../../../tools/harness/services/stand-in-workers.ts';
import { TemporalHarness } from '../../../tools/harness/services/temporal-harness.ts';
import { ApiProcesses } from '../../support/services/api-process.ts';

const N = 8;
const BODY = { prompt: 'a red circle', n: N };
const fieldsOf = createVideoParser(4000);

let folder: string;
let temporal: TemporalHarness;
let workers: StandInWorkers;
let apis: ApiProcesses;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-groups-'));
  temporal = await TemporalHarness.start();
  workers = new StandInWorkers(temporal.connection, new LocalStore(folder));
  apis = await ApiProcesses.start(4, temporal.server.address, [
    { id: 'claimed', keys: ['claimed'] },
    { id: 'begun', keys: ['begun'] },
    { id: 'exact', keys: ['exact'], limits: { running: N } },
    { id: 'either', keys: ['either'], limits: { running: N } },
    { id: 'unkeyed', keys: ['unkeyed'], limits: { running: N } },
  ]);
});
afterAll(async () => {
  await apis?.stop();
  await workers?.stop();
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function until<T>(found: () => Promise<T | null>, what: string, everyMs = 5): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(everyMs)) {
    const answer = await found();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
  }
}
const exists = async (videoId: string) => (await reserved(temporal.client, videoId)) !== null;
/** All that Temporal has of an account; counted a moment after it began. */
const countOf = async (account: string) =>
  (await temporal.client.workflow.count(`WorkflowType = "${GENERATE_VIDEO}" AND AccountId = "${account}"`)).count;
const groupOf = async (id: string, key: string) => {
  const url = `${apis.urls[3]}/v1/videos/groups/${id}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as Partial<VideoList>).data ?? [];
};
const idsOf = (videos: Video[]) => videos.map(({ id }) => id);

/** Kills a process in the middle of a create, and sends the same request to another one. */
async function killedAndRepeated(process: number, account: string, killWhen: (firstId: string) => Promise<boolean>) {
  const headers = { 'idempotency-key': 'k' };
  const { key } = keyedRequest(account, 'k', fieldsOf(BODY));
  const lost = apis.post(process, account, BODY, headers).catch(() => null);
  const noted = await until(() => reserved<RequestKeyMemo>(temporal.client, requestKeyId(key)), 'the key is noted');
  const firstId = noted.memo.videoId!;
  await until(async () => ((await killWhen(firstId)) ? true : null), 'the moment to kill it');
  apis.processes[process]!.kill('SIGKILL');
  await lost;
  // What has begun by then is among them.
  const before = idsOf(await groupOf(firstId.replace('video', 'group'), account));
  const answers = await Promise.all([1, 2, 3].map(() => apis.post(3, account, BODY, headers)));
  const videos = (await Promise.all(answers.map((answer) => answer.json()))) as CreatedVideo[];
  expect(new Set(videos.map(({ group }) => JSON.stringify(group))).size).toBe(1);
  const [video] = videos as [CreatedVideo];
  expect(video).toMatchObject({ id: firstId, group_index: 0 });
  expect(video.group).toHaveLength(N);
  expect(video.group).toEqual(expect.arrayContaining(before));
  expect(idsOf(await groupOf(video.group_id!, account))).toEqual(video.group);
  await until(async () => ((await countOf(account)) >= N ? true : null), 'all are counted', 100);
  await sleep(1_000);
  expect(await countOf(account)).toBe(N);
}

describe('groups that are asked for at the same moment, at two processes', () => {
  it('are one for one key, though there is room for one alone', async () => {
    const headers = { 'idempotency-key': 'k' };
    const answers = await Promise.all([0, 1, 0, 1].map((i) => apis.post(i, 'exact', BODY, headers)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const videos = (await Promise.all(answers.map((answer) => answer.json()))) as CreatedVideo[];
    expect(new Set(videos.map(({ group }) => JSON.stringify(group))).size).toBe(1);
    await until(async () => ((await countOf('exact')) >= N ? true : null), 'all are counted', 100);
    expect(await countOf('exact')).toBe(N);
  });

  it('are one where there is no room for both, and nothing of the others', async () => {
    const answers = await Promise.all([0, 1, 0, 1].map((i) => apis.post(i, 'either', { ...BODY, n: N - 2 })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 429, 429, 429]);
    await sleep(2_000);
    expect(await countOf('either')).toBe(N - 2);
    expect((await apis.post(0, 'either', { ...BODY, n: 2 })).status).toBe(200);
  });
});

describe('a group whose API process is killed while it is created', () => {
  it('is the same eight videos for a repeat with its key, where none of them had begun', () =>
    killedAndRepeated(0, 'claimed', () => Promise.resolve(true)));

  it('is the same eight videos for a repeat with its key, where the first of them had begun', () =>
    killedAndRepeated(1, 'begun', exists));

  it('is there as a whole without one, as soon as a worker comes, and holds its places', async () => {
    const lost = apis.post(2, 'unkeyed', BODY).catch(() => null);
    const memos = await until(async () => {
      const found = await Promise.all(
        Array.from({ length: N }, (_, i) => reserved<SlotMemo>(temporal.client, slotId('unkeyed', i))),
      );
      return found.every((one) => one !== null) ? found.map(({ memo }) => memo.videoId!) : null;
    }, 'the slots are taken');
    const ids = memos.toSorted();
    await until(async () => ((await exists(ids[0]!)) ? true : null), 'the first has begun');
    apis.processes[2]!.kill('SIGKILL');
    await lost;
    const begun = (await Promise.all(ids.map(exists))).filter(Boolean).length;
    process.stdout.write(`killed with ${begun} of ${N} videos begun\n`);
    await workers.startCpuWorker();
    await until(async () => ((await Promise.all(ids.map(exists))).every(Boolean) ? true : null), 'all are there', 100);
    const group = await groupOf(ids[0]!.replace('video', 'group'), 'unkeyed');
    expect(idsOf(group)).toEqual(ids);
    expect(group.map(({ group_index }) => group_index)).toEqual([...ids.keys()]);
    expect((await apis.post(3, 'unkeyed', { prompt: 'one more' })).status).toBe(429);
    await workers.startGpuWorker();
    for (const id of ids) await temporal.client.workflow.getHandle(id).result();
    expect(await countOf('unkeyed')).toBe(N);
  });
});
