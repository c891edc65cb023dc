import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import express from 'express';
import { EventStream } from '../../../api/http/event-stream.ts';
import { type HttpServer, listen } from '../../../api/http/listen.ts';

/** More than the two kernels' buffers hold. */
const EVENTS = 3000;
const FILLER = 'x'.repeat(10_000);

let server: HttpServer;
let stream: EventStream;

beforeAll(async () => {
  const app = express();
  app.get('/', (_req, res) => {
    stream = new EventStream(res);
  });
  server = await listen(app, '127.0.0.1', 0);
});
afterAll(() => server?.close(0));

/** A client that has connected and has not read anything yet. */
async function connected() {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).pause();
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: kinora\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 200));
  return socket;
}

describe('a client that reads slower than events come', () => {
  it('gets the newest of those that it was too slow for, and the end', async () => {
    const socket = await connected();
    for (let n = 1; n <= EVENTS; n++) {
      stream.send({ event: 'video', id: String(n), data: { n, FILLER } });
      await new Promise(setImmediate);
    }
    stream.finish({ event: 'end', id: 'end', data: {} });

    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.resume();
    await once(socket, 'close');
    const ids = [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id);
    expect(ids.length).toBeLessThan(EVENTS - 10);
    expect(ids.slice(-2)).toEqual([String(EVENTS), 'end']);
  });
});

describe('a server that is told to stop', () => {
  it('ends open streams without a word and waits for none of them', async () => {
    const response = await fetch(server.url);
    stream.end();
    // It has an hour.
    await server.close(3_600_000);
    expect(await response.text()).toBe('retry: 500\n\n');
  });
});
