import { setTimeout as sleep } from 'node:timers/promises';
import { AttackClient } from './client.ts';
import { each, type Attack, scaled, Tally, type Target } from './target.ts';
import { firstStatus, openSocket } from './raw-request.ts';

const TINY = { prompt: 'a red circle moving left', size: '64x64', num_frames: 7, num_inference_steps: 4 };

const flood =
  (connections: number, work: (client: AttackClient, target: Target, tally: Tally) => Promise<void>): Attack =>
  async (target) => {
    const tally = new Tally();
    const client = new AttackClient(target, tally, connections);
    await work(client, target, tally);
    client.close();
    return tally;
  };

/** Far more videos than the account may have, at one moment. */
export const creates = flood(100, (client, target) =>
  each(scaled(target, 800), 400, () => client.send('POST', '/v1/videos', TINY)),
);

/** One key for each of many videos, then one key for many. */
export const idempotencyKeys = flood(50, async (client, target) => {
  const keyed = (key: string) => client.send('POST', '/v1/videos', TINY, { 'idempotency-key': key });
  await each(scaled(target, 1_000), 50, (n) => keyed(`hostile ${target.seed} ${n}`));
  await each(scaled(target, 300), 50, () => keyed(`hostile ${target.seed}`));
});

/** Long lists of every kind, as fast as twenty connections take them. */
export const lists = flood(20, (client, target) => {
  const queries = [
    'limit=100',
    'limit=100&order=asc',
    'limit=100&status=failed',
    'limit=100&status=completed',
    'limit=99',
  ];
  return each(scaled(target, 1_500), 20, (n) => client.send('GET', `/v1/videos?${queries[n % queries.length]}`));
});

/** What asks Temporal and the stores on behalf of anybody. */
export const probes = flood(20, (client, target) => {
  const paths = ['/readyz', '/healthz', '/metrics', '/v1/models', '/v1/account', '/openapi.json'];
  return each(scaled(target, 2_000), 20, (n) => client.send('GET', paths[n % paths.length]!));
});

/** A video that is cancelled and retried again and again. */
export const retries = flood(20, async (client, target) => {
  const { body } = await client.send('POST', '/v1/videos', TINY);
  const { id = 'none' } = JSON.parse(body || '{}') as { id?: string };
  await each(scaled(target, 600), 20, (n) =>
    client.send('POST', `/v1/videos/${id}/${n % 4 === 0 ? 'cancel' : 'retry'}`),
  );
});

/** Videos that are deleted as soon as they are there, several times each, and videos that never were. */
export const deletes = flood(20, (client, target) =>
  each(scaled(target, 300), 20, async (n) => {
    const { body } = await client.send('POST', '/v1/videos', TINY);
    const { id = `video_${String(n).padStart(32, '0')}` } = JSON.parse(body || '{}') as { id?: string };
    await Promise.all([1, 2, 3].map(() => client.send('DELETE', `/v1/videos/${id}`)));
  }),
);

/** Event streams that are left before they have begun, then as many as the account gets, held open. */
export const streams = flood(50, async (client, target, tally) => {
  const { body } = await client.send('GET', '/v1/videos?limit=1');
  const id = (JSON.parse(body || '{}') as { first_id?: string | null }).first_id;
  const path = id ? `/v1/videos/${id}/events` : '/v1/videos/none/events';
  const head = `GET ${path} HTTP/1.1\r\nhost: ${target.host}:${target.port}\r\nauthorization: Bearer ${target.key}\r\n\r\n`;
  await each(scaled(target, 600), 50, async () => {
    const socket = openSocket(target);
    socket.write(head);
    await sleep(5);
    socket.destroy();
  });
  const held = Array.from({ length: scaled(target, 200) }, () => {
    const socket = openSocket(target);
    socket.write(head);
    socket.resume();
    return socket;
  });
  await sleep(5_000 * Math.min(1, target.scale * 4));
  for (const socket of held) socket.destroy();
  // The streams that were left must no longer count.
  await sleep(1_000);
  const another = openSocket(target);
  another.write(head);
  const status = await firstStatus(another);
  another.destroy();
  if (status === 429) tally.faults.push('after all streams were left, another one was refused');
});
