import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { timeLimit } from '../../../platform/flow/deadline.ts';

it('who waits for a receiver that never answers is released in time, also when memory was collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const collecting = setInterval(() => collect(), 20);
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { signal } = new AbortController();
    const asked = fetch(url, { signal: timeLimit(300, signal) });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  } finally {
    clearInterval(collecting);
    server.closeAllConnections();
    server.close();
  }
});

it('a signal that comes earlier counts, with its own reason', () => {
  const controller = new AbortController();
  const limit = timeLimit(60_000, controller.signal);
  expect(limit.aborted).toBe(false);
  controller.abort(new Error('cancelled'));
  expect(limit.reason).toEqual(new Error('cancelled'));
});
