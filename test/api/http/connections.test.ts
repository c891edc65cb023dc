import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { type HttpServer, listen } from '../../../api/http/listen.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { allOf, rawSocket } from '../../../tools/harness/client/raw-socket.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    accounts: await testRegistry({ id: 'alice', keys: ['of-alice'] }),
    trustedProxies: ['127.0.0.2'],
    limits: { failedKeys: 5 },
  });
});
afterAll(() => api?.stop());

const get = (path: string, ...fields: string[]) =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
const statusesIn = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('a client that sends request after request and waits for no answer', () => {
  it('has one at work at a time, and none once it has left', async () => {
    const before = api.requests.length;
    const clients = await Promise.all([rawSocket(api.url), rawSocket(api.url), rawSocket(api.url)]);
    for (const socket of clients) socket.write(get('/v1/models', 'authorization: Bearer of-alice').repeat(1_500));
    await sleep(200);
    for (const socket of clients) socket.destroy();
    await sleep(500);
    const begun = api.requests.length - before;
    process.stdout.write(`of 4,500 pipelined requests ${begun} were begun\n`);
    expect(begun).toBeLessThanOrEqual(3 * 33);
  });

  it('gets every answer in order where they are not too many, else is told where they end', async () => {
    const paths = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? '/healthz' : '/nothing'));
    const few = await rawSocket(api.url);
    few.write(paths.map((path) => get(path)).join('') + get('/healthz', 'connection: close'));
    expect(statusesIn(await allOf(few))).toEqual([...paths.map((path) => (path === '/healthz' ? 200 : 404)), 200]);

    const many = await rawSocket(api.url);
    many.write(get('/healthz').repeat(1_000));
    const text = await allOf(many);
    expect(statusesIn(text)).toEqual(Array<number>(33).fill(200));
    expect(text.match(/^connection: close/gim)).toHaveLength(1);
    expect(text.lastIndexOf('onnection: close')).toBeGreaterThan(text.lastIndexOf('HTTP/1.1 200'));
  });
});

describe('a client that waits for its one answer', () => {
  let server: HttpServer;
  afterAll(() => server?.close(0));

  it('does not wait for the thirty requests that another connection has sent before', async () => {
    const handled: string[] = [];
    let arrived = () => {};
    const other = new Promise<void>((resolve) => (arrived = resolve));
    server = await listen(
      (req, res) => {
        const first = handled.push(req.url!) === 1;
        // The first is answered once the other's request has arrived as well.
        void (first ? other : Promise.resolve()).then(() => res.end());
      },
      '127.0.0.1',
      0,
    );
    const [many, one] = await Promise.all([rawSocket(server.url), rawSocket(server.url)]);
    many.write(get('/many').repeat(30));
    while (handled.length === 0) await sleep(1);
    one.write(get('/one', 'connection: close'), arrived);
    await allOf(one);
    expect(handled.indexOf('/one')).toBeLessThan(20);
    many.destroy();
  });
});

describe('a server that has as many connections as it may', () => {
  let server: HttpServer;
  afterAll(() => server?.close(0));

  it('closes idle ones for who comes, and no busy one', async () => {
    server = await listen((req, res) => void (req.url === '/slow' || res.end('ok')), '127.0.0.1', 0, {
      maxConnections: 3,
    });
    const busy = await rawSocket(server.url);
    busy.write(get('/slow'));
    const idle = await Promise.all([rawSocket(server.url), rawSocket(server.url)]);
    for (const socket of idle) {
      socket.write(get('/'));
      await once(socket, 'data');
    }
    let answer = '';
    for (
      const end = Date.now() + PATIENCE_MS, pause = pauses();
      !answer.includes('ok') && Date.now() < end;
      await pause()
    ) {
      const socket = await rawSocket(server.url);
      socket.write(get('/', 'connection: close'));
      answer = await allOf(socket);
    }
    expect(answer).toMatch(/ok$/);
    expect(busy.destroyed).toBe(false);

    const more = await Promise.all([rawSocket(server.url), rawSocket(server.url)]);
    for (const socket of more) socket.write(get('/slow'));
    await sleep(200);
    const refused = await rawSocket(server.url);
    refused.write(get('/'));
    expect(await allOf(refused)).toBe('');
    for (const socket of [busy, ...more]) socket.destroy();
  });
});

describe('wrong keys', () => {
  const ask = async (key: string | null, from = '127.0.0.1', ...fields: string[]) => {
    const socket = await rawSocket(api.url, from);
    const authorization = key === null ? [] : [`authorization: Bearer ${key}`];
    socket.write(get('/v1/models', 'connection: close', ...authorization, ...fields));
    const text = await allOf(socket);
    return { status: statusesIn(text)[0], text };
  };

  it('are no longer looked at when too many come from one address, and a right one is', async () => {
    for (let i = 0; i < 5; i++) expect((await ask(`wrong-${i}`)).status).toBe(401);
    const refused = await ask('wrong-6');
    expect(refused.status).toBe(429);
    expect(refused.text).toMatch(/retry-after: \d+/i);
    expect((await ask('of-alice')).status).toBe(200);
    // A page that asks for the key first.
    expect((await ask(null)).status).toBe(401);
    // What anybody may write of themselves changes nothing.
    expect((await ask('wrong-7', '127.0.0.1', 'x-forwarded-for: 192.0.2.1')).status).toBe(429);
    expect((await ask('wrong-8', '127.0.0.3')).status).toBe(401);
  });

  it('are counted by the address that a trusted proxy tells of', async () => {
    const through = (client: string) => ask('wrong', '127.0.0.2', `x-forwarded-for: 203.0.113.9, ${client}`);
    for (let i = 0; i < 5; i++) expect((await through('192.0.2.7')).status).toBe(401);
    expect((await through('192.0.2.7')).status).toBe(429);
    expect((await through('192.0.2.8')).status).toBe(401);
    // An IPv6 client has many addresses.
    for (let i = 0; i < 5; i++) expect((await through(`2001:db8:1:2::${i}`)).status).toBe(401);
    expect((await through('2001:db8:1:2:ffff::1')).status).toBe(429);
    expect((await through('2001:db8:1:3::1')).status).toBe(401);
  });
});

describe('a request that is not to be understood', () => {
  it.each([
    ['Authorization', 'authorization: Bearer of-alice', 'authorization: Bearer of-bob'],
    ['Content-Type', 'content-type: application/json', 'content-type: multipart/form-data; boundary=x'],
    ['Idempotency-Key', 'idempotency-key: a', 'idempotency-key: b'],
    ['Host', 'host: localhost', 'x-other: y'],
    ['Range', 'range: bytes=0-1', 'range: bytes=2-3'],
    ['If-Modified-Since', 'if-modified-since: x', 'if-modified-since: y'],
    ['Last-Event-ID', 'last-event-id: a', 'last-event-id: b'],
  ])('because it has %s twice is refused, and nothing is done', async (name, ...fields) => {
    const socket = await rawSocket(api.url);
    socket.write(get('/v1/models', 'connection: close', ...fields));
    const text = await allOf(socket);
    expect([statusesIn(text), text.includes(`"param":"${name}"`)]).toEqual([[400], true]);
  });

  it.each([
    ['two lengths', 'content-length: 2', 'content-length: 3', 400, 'invalid_value'],
    ['two framings', 'content-length: 2', 'transfer-encoding: chunked', 400, 'invalid_value'],
    ['a head without an end', `x-long: ${'x'.repeat(20_000)}`, 'x-other: y', 431, 'headers_too_large'],
  ])('because of %s is answered', async (_what, first, second, status, code) => {
    const socket = await rawSocket(api.url);
    socket.write(get('/v1/models', first, second));
    const text = await allOf(socket);
    expect([statusesIn(text), text.includes(`"code":"${code}"`)]).toEqual([[status], true]);
  });
});
