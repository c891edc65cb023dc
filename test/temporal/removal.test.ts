import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { PATIENCE_MS, pauses } from '../../tools/harness/patience.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import { isNotFound } from '../../temporal/pending-activity.ts';
import { type Receiver, startReceiver } from '../support/servers/receiver.ts';
import { onPostgres } from '../../tools/harness/servers/test-temporal.ts';
import type { WholeService } from '../../tools/harness/services/whole-service.ts';
import { filesWith, LONG_MARKED, MARKED, MARKER, startTalkativeService } from '../support/services/marked-service.ts';

const CHECKPOINT = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()
`;

let receiver: Receiver;
let kinora: WholeService;
let client: Client;
beforeAll(async () => {
  receiver = await startReceiver();
  kinora = await startTalkativeService(receiver);
  client = new Client({ connection: await Connection.connect({ address: kinora.temporalAddress }) });
});
afterAll(async () => {
  await client?.connection.close();
  await kinora?.stop();
  await receiver?.close();
});

/** Whether this workflow was removed meanwhile: a history says so as a bare gRPC error. */
const isGone = (error: unknown) => error instanceof WorkflowNotFoundError || isNotFound(error);

/** Every workflow of which something that Temporal tells holds the marker. */
async function workflowsWithMarker(): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const handle = client.workflow.getHandle(workflowId, runId);
    try {
      const { raw } = await handle.describe();
      const told = [
        proto.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse.encode(raw).finish(),
        proto.temporal.api.history.v1.History.encode(await handle.fetchHistory()).finish(),
      ];
      if (told.some((bytes) => Buffer.from(bytes).includes(MARKER))) found.push(`${type} ${workflowId} ${runId}`);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return found;
}

it('a deleted video leaves no word of its prompt in Temporal, its database, the stores, the logs or the metrics', async () => {
  const completed = await kinora.create(MARKED, { 'idempotency-key': 'one' });
  await kinora.completed(completed.id);
  // One that failed, was made once more, and failed again.
  const again = await kinora.create(LONG_MARKED, { 'idempotency-key': 'two' });
  const cancelled = async () => {
    await kinora.until(again.id, ({ phase }) => phase === 'denoising');
    await kinora.cancel(again.id);
    for (let status = ''; status !== 'failed'; await sleep(100)) {
      ({ status } = (await (await ask(`/${again.id}`)).json()) as { status: string });
    }
  };
  await cancelled();
  expect((await ask(`/${again.id}/retry`, 'POST')).status).toBe(200);
  await cancelled();
  const running = await kinora.create(LONG_MARKED, { 'idempotency-key': 'three' });
  await kinora.until(running.id, ({ phase }) => phase === 'denoising');
  const waiting = await kinora.create(MARKED, { 'idempotency-key': 'four' });
  const ids = [completed, again, running, waiting].map(({ id }) => id);

  // What is to be gone is found by the same search.
  let before = await workflowsWithMarker();
  const isListed = (id: string) => before.some((line) => line.includes(id));
  // Temporal lists the newest a moment later.
  for (
    const end = Date.now() + PATIENCE_MS, pause = pauses();
    !ids.every(isListed) && Date.now() < end;
    await pause()
  ) {
    before = await workflowsWithMarker();
  }
  for (const id of ids) expect(before.join()).toContain(`${GENERATE_VIDEO} ${id}`);
  expect(before.filter((line) => line.includes(again.id))).toHaveLength(2);
  if (!onPostgres()) expect((await filesWith(kinora.folder, MARKER)).join()).toContain('temporal.db');

  for (const id of ids.toReversed()) expect((await ask(`/${id}`, 'DELETE')).status).toBe(200);
  let left = before;
  for (const end = Date.now() + PATIENCE_MS; left.length > 0 && Date.now() < end; await sleep(500)) {
    left = await workflowsWithMarker();
  }
  expect(left).toEqual([]);
  const metrics = await Promise.all(
    Object.values(kinora.service.metricsUrls).map(async (url) => await (await fetch(url)).text()),
  );
  expect(metrics.join()).toContain('kinora_videos_ended_total');
  expect(metrics.join()).not.toContain(MARKER);
  expect(receiver.received.map(({ body }) => body).join()).not.toContain(MARKER);
  for (const key of ['one', 'two', 'three', 'four']) {
    const answer = await ask('', 'POST', key === 'one' || key === 'four' ? MARKED : LONG_MARKED, {
      'idempotency-key': key,
    });
    expect([key, answer.status]).toEqual([key, 404]);
  }
  await client.connection.close();
  await kinora.service.stop();
  // What was deleted is overwritten in the database once its log of writes has been carried over, as its next start does. When
  // PostgreSQL does so is its operator's choice.
  if (!onPostgres()) await promisify(execFile)('python3', ['-c', CHECKPOINT, join(kinora.folder, 'temporal.db')]);
  expect(await filesWith(kinora.folder, MARKER)).toEqual([]);
});

const ask = (path: string, method = 'GET', body?: object, headers: Record<string, string> = {}) =>
  fetch(`${kinora.service.apiUrl}/v1/videos${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
