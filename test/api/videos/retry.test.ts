import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { policyEnv } from '../../../api/policy/config.ts';
import { openPromptPolicy, type PromptPolicy } from '../../../api/policy/prompt-policy.ts';
import type { VideoList } from '../../../api/jobs/video-schema.ts';
import { failure } from '../../../contract/failure.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { startTestApi } from '../../support/services/api.ts';
import { gate } from '../../../tools/harness/gate.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let folder: string;
let blocklist: string;
let policy: PromptPolicy;
let service: StandInService;
/** While it is closed, the GPU does not go on. */
const held = gate();
/** What the moderator was asked about. */
const asked: string[] = [];
const moderator = createServer((req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (text: string) => (body += text));
  req.on('end', () => {
    const { prompt } = JSON.parse(body) as { prompt: string };
    asked.push(prompt);
    res.end(JSON.stringify({ allowed: true }));
  });
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-retry-'));
  blocklist = join(folder, 'blocked.txt');
  await writeFile(blocklist, 'nothing so far');
  await new Promise<void>((resolve) => moderator.listen(0, '127.0.0.1', resolve));
  const settings = policyEnv.parse({
    POLICY_BLOCKLIST_FILE: blocklist,
    POLICY_MODERATOR_URL: `http://127.0.0.1:${(moderator.address() as AddressInfo).port}`,
  });
  policy = await openPromptPolicy(settings, createLogger('test', 'silent'));
  service = await StandInService.start({ policy });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker(1);
});
afterAll(async () => {
  held.open();
  await service?.stop();
  policy?.close();
  moderator.closeAllConnections();
  moderator.close();
  await rm(folder, { recursive: true, force: true });
});

async function failed(prompt: string): Promise<string> {
  service.workers.generate = () => Promise.reject(failure('out_of_memory'));
  const { id } = await service.create({ prompt, num_frames: 19 });
  expect((await service.finished(id)).status).toBe('failed');
  return id;
}
const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; param: string | null } }).error;

describe('a failed video that is asked for once more', () => {
  it('waits no longer for a GPU than is promised', async () => {
    const api = await startTestApi({ client: () => service.client, policy, limits: { queueWaitS: 1 } });
    const retry = (id: string) => fetch(`${api.url}/v1/videos/${id}/retry`, { method: 'POST' });
    const id = await failed('a green circle');
    // One that shows how long they take, and two in the line.
    service.workers.generate = () => sleep(2_000);
    await service.finished((await service.create({ num_frames: 19 })).id);
    service.workers.generate = async (_input, beat) => {
      const timer = setInterval(() => beat({ phase: 'denoising', etaSeconds: 2 }), 100);
      await held.opened;
      clearInterval(timer);
    };
    const waiting: string[] = [];
    for (let i = 0; i < 3; i++) waiting.push((await service.create({ num_frames: 19 })).id);
    const eta = async () => {
      const video = (await (await fetch(`${api.url}/v1/videos/${waiting.at(-1)}`)).json()) as { eta_seconds: number };
      return video.eta_seconds ?? 0;
    };
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await eta()) < 4 && Date.now() < end;) await pause();
    const answer = await retry(id);
    expect([answer.status, await errorOf(answer)]).toMatchObject([429, { code: 'queue_too_long' }]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    held.open();
    service.workers.generate = async () => {};
    for (const other of waiting) await service.finished(other);
    let taken = await retry(id);
    for (const end = Date.now() + PATIENCE_MS; taken.status !== 200 && Date.now() < end; taken = await retry(id)) {
      await sleep(200);
    }
    expect(taken.status).toBe(200);
    await service.finished(id);
    await api.stop();
  });

  it('is not made where its prompt has been forbidden meanwhile, alone or with all others', async () => {
    const [forbidden, allowed] = [await failed('a badword in the sea'), await failed('a red circle')];
    await writeFile(blocklist, 'badword');
    let answer = await service.request(`/${forbidden}/retry`, 'POST');
    // The file is looked at every second.
    for (const end = Date.now() + PATIENCE_MS; answer.status === 200 && Date.now() < end;) {
      await service.finished(forbidden);
      await sleep(200);
      answer = await service.request(`/${forbidden}/retry`, 'POST');
    }
    expect([answer.status, await errorOf(answer)]).toMatchObject([400, { code: 'prompt_refused', param: 'prompt' }]);
    service.workers.generate = async () => {};
    const all = (await (await service.request('/retry', 'POST')).json()) as VideoList;
    expect(all.data.map(({ id }) => id)).toEqual([allowed]);
    expect((await service.finished(allowed)).status).toBe('completed');
    expect((await service.retrieve(forbidden)).status).toBe('failed');
  });

  it('is shown to the moderator again', async () => {
    const id = await failed('a blue square');
    asked.length = 0;
    service.workers.generate = async () => {};
    expect((await service.request(`/${id}/retry`, 'POST')).status).toBe(200);
    expect(asked).toEqual(['a blue square']);
    await service.finished(id);
  });
});
