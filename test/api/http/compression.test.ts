import { get as httpGet, type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../../storage/keys.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** As it came over the wire. */
  bytes: Buffer;
}

let service: StandInService;
beforeAll(async () => {
  service = await StandInService.start();
});
afterAll(() => service?.stop(), 60_000);

/** Node's own client, as `fetch` decodes what it gets. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((resolve, reject) => {
    request(`${service.api.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, bytes: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
const BROWSER = { 'accept-encoding': 'gzip, deflate, br, zstd' };
const decode = { br: brotliDecompressSync, gzip: gunzipSync };

async function script(): Promise<string> {
  const { bytes } = await ask('/');
  return `/${/src="\.\/(assets\/[^"]+)"/.exec(bytes.toString())![1]!}`;
}

describe('what goes over the wire', () => {
  it('is a third of the page, and a quarter of its description, for a browser that takes Brotli', async () => {
    const plain = await ask(await script());
    const small = await ask(await script(), BROWSER);
    expect(small.headers).toMatchObject({
      'content-encoding': 'br',
      vary: 'Accept-Encoding',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(small.headers['content-type']).toMatch(/^text\/javascript/);
    expect(small.bytes.length).toBeLessThan(plain.bytes.length / 3);
    expect(brotliDecompressSync(small.bytes).equals(plain.bytes)).toBe(true);

    const pieces = ['/docs', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js', '/openapi.json'];
    const sizes = async (headers: Record<string, string>) =>
      (await Promise.all(pieces.map((path) => ask(path, headers)))).reduce((sum, { bytes }) => sum + bytes.length, 0);
    const [before, after] = [await sizes({}), await sizes(BROWSER)];
    process.stdout.write(
      `on the wire: script ${plain.bytes.length} → ${small.bytes.length} bytes, /docs ${before} → ${after}\n`,
    );
    expect(after).toBeLessThan(before / 4);
  });

  it.each([
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['zstd', undefined],
  ] as const)('comes in a coding that the client takes: %s', async (accepted, coding) => {
    for (const path of [await script(), '/openapi.json']) {
      const { headers, bytes } = await ask(path, { 'accept-encoding': accepted });
      expect(headers['content-encoding']).toBe(coding);
      expect(headers.vary?.toLowerCase()).toBe('accept-encoding');
      const plain = await ask(path);
      expect((coding ? decode[coding](bytes) : bytes).equals(plain.bytes)).toBe(true);
    }
  });

  it('is nothing at all where the client has it already, and the same head without the body for HEAD', async () => {
    for (const path of ['/', await script(), '/docs/swagger-ui.css', '/openapi.json']) {
      const { headers } = await ask(path, BROWSER);
      const again = await ask(path, { ...BROWSER, 'if-none-match': headers.etag! });
      expect([path, again.status, again.bytes.length]).toEqual([path, 304, 0]);
      const head = await ask(path, BROWSER, 'HEAD');
      expect([path, head.status, head.bytes.length]).toEqual([path, 200, 0]);
      // What is coded on the way has a length that nobody knows before.
      expect(head.headers['content-length']).toBe(headers['content-length']);
      expect(head.headers.etag).toBe(headers.etag);
    }
  });

  it('is the list of videos in a part of its bytes, but a single look as it is', async () => {
    for (let i = 0; i < 12; i++) await service.create({ prompt: `a red circle, ${i}` });
    // What Temporal lists is behind by a moment.
    const list = await ask('/v1/videos?limit=12', BROWSER);
    expect(list.headers['content-encoding']).toBe('br');
    const { data } = JSON.parse(brotliDecompressSync(list.bytes).toString()) as { data: { id: string }[] };
    expect(data.length).toBe(12);
    const look = await ask(`/v1/videos/${data[0]!.id}`, BROWSER);
    expect(look.headers['content-encoding']).toBeUndefined();
  });

  it('is every file of a video as it is stored, whole and in parts, and its events as they come', async () => {
    await service.workers.startCpuWorker();
    const waiting = await service.create();
    const first = await new Promise<{ headers: IncomingHttpHeaders; text: string }>((resolve) => {
      httpGet(`${service.api.url}/v1/videos/${waiting.id}/events`, { headers: BROWSER }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += String(chunk);
          if (!text.includes('event: video')) return;
          response.destroy();
          resolve({ headers: response.headers, text });
        });
      });
    });
    expect(first.headers['content-encoding']).toBeUndefined();

    await service.workers.startGpuWorker();
    await service.finished(waiting.id);
    const path = `/v1/videos/${waiting.id}/content`;
    const stored = await service.api.artefacts.get(keys.variant(waiting.id, 'video'));
    const whole = await ask(path, BROWSER);
    expect(whole.headers['content-encoding']).toBeUndefined();
    expect(whole.bytes.length).toBe(stored.info.bytes);
    stored.body.destroy();
    const part = await ask(path, { ...BROWSER, range: 'bytes=0-4999' });
    expect([part.status, part.bytes.length, part.headers['content-encoding']]).toEqual([206, 5000, undefined]);
  });

  it('is an answer in the envelope for an address that cannot be decoded', async () => {
    const { status, headers, bytes } = await ask('/%zz', BROWSER);
    expect(status).toBe(404);
    expect(headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(bytes.toString())).toMatchObject({ error: { code: 'unknown_url' } });
  });
});
