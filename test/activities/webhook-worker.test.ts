import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../tools/harness/patience.ts';
import { GENERATE_VIDEO, TASK_QUEUES } from '../../contract/names.ts';
import { accountsText } from '../../tools/harness/services/accounts.ts';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { jobOf } from '../../tools/harness/model/clips.ts';
import { type Receiver, startReceiver } from '../support/servers/receiver.ts';
import { TemporalHarness } from '../../tools/harness/services/temporal-harness.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let folder: string;
let temporal: TemporalHarness;
let receiver: Receiver;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-webhooks-'));
  await Promise.all(['scratch', 'artefacts'].map((name) => mkdir(join(folder, name))));
  receiver = await startReceiver();
  const webhook = { url: receiver.url, secrets: [SECRET] };
  await writeFile(join(folder, 'accounts.json'), accountsText({ id: 'default', keys: ['a'], webhook }));
  temporal = await TemporalHarness.start();
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await temporal?.stop();
  await receiver?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The CPU worker as it is run. */
async function startWorker(env: Record<string, string>): Promise<WorkerProcess> {
  const worker = new WorkerProcess('activities/worker.js', {
    TEMPORAL_ADDRESS: temporal.server.address,
    SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
    ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
    TEMP_DIR: join(folder, 'temp'),
    MODEL_DIR: MOCHI_TINY,
    API_KEYS_FILE: join(folder, 'accounts.json'),
    ...env,
  });
  workers.push(worker);
  await worker.saw('Ready for work');
  return worker;
}

/** A video that ends at once: its model is not served. */
async function failAVideo(): Promise<string> {
  const input = jobOf(`video_${randomUUID()}`, { model: 'another' });
  const options = { taskQueue: TASK_QUEUES.cpu, workflowId: input.videoId, args: [input] };
  await temporal.client.workflow.start(GENERATE_VIDEO, options);
  return input.videoId;
}

async function received(count: number): Promise<Receiver['received']> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); receiver.received.length < count; await pause()) {
    if (Date.now() > end) throw new Error(`${receiver.received.length} messages came, not ${count}`);
  }
  return receiver.received;
}

describe('a message that a CPU worker was about to deliver', () => {
  it('is not lost with the worker: another sends the same one', async () => {
    const first = await startWorker({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    receiver.answers.push('nothing');
    const videoId = await failAVideo();
    await received(1);
    await first.stop();
    const second = await startWorker({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    const [one, other] = await received(2);
    expect(other!.body).toBe(one!.body);
    expect(JSON.parse(other!.body)).toMatchObject({ type: 'video.failed', data: { id: videoId } });
    expect(other!.headers['webhook-id']).toBe(one!.headers['webhook-id']);
    await second.saw('A webhook was taken');
    const deliveries: string[] = [];
    for await (const { workflowId } of temporal.client.workflow.list({ query: 'WorkflowType = "deliverWebhook"' })) {
      deliveries.push(workflowId);
    }
    expect(deliveries).toEqual([expect.stringContaining(videoId)]);
    await second.stop();
  });

  it('does not leave for a private network, unless the operator allows it, and no secret is logged', async () => {
    const before = receiver.received.length;
    const worker = await startWorker({});
    await failAVideo();
    const { reason, host } = await worker.saw('A webhook was not taken');
    expect(reason).toMatch(/its address is private/);
    expect(host).toBe(new URL(receiver.url).host);
    expect(receiver.received).toHaveLength(before);
    for (const { log } of workers) expect(JSON.stringify(log)).not.toMatch(/whsec_|of=kinora/);
  });
});
