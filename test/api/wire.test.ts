import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import OpenAI from 'openai';
import { startTestApi, type TestApi } from '../support/services/api.ts';

let api: TestApi;
let openai: OpenAI;

beforeAll(async () => {
  api = await startTestApi();
  openai = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none' });
});
afterAll(() => api?.stop());

const send = (path: string, init?: RequestInit) => fetch(`${api.url}${path}`, init);
const json = (body: string, type = 'application/json') => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
});
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, unknown> }).error;

describe('an error', () => {
  it.each([
    ['/v1/videos', 400, 'invalid_json', json('{"prompt": ')],
    ['/v1/videos', 400, 'invalid_json', json('"a cat"')],
    ['/v1/videos', 400, 'invalid_json', json('[]')],
    ['/v1/videos', 400, 'invalid_value', json('{"__proto__": {"seed": 1}, "prompt": "a cat"}')],
    ['/v1/videos', 415, 'unsupported_media_type', json('prompt=a+cat', 'application/x-www-form-urlencoded')],
    ['/v1/videos', 415, 'unsupported_media_type', json('{}', 'application/json; charset=koi8-r')],
    ['/v1/videos', 400, 'invalid_multipart', json('--x', 'multipart/form-data')],
    ['/v1/videos', 400, 'invalid_multipart', json('--x\r\n', 'multipart/form-data; boundary=x')],
    ['/v1/videos', 400, 'missing_required_parameter', { method: 'POST' }],
    ['/v1/videos', 413, 'body_too_large', json(JSON.stringify({ prompt: 'x'.repeat(200_000) }))],
    ['/v1/videos', 405, 'method_not_allowed', { method: 'PUT' }],
    ['/v1/videos/video_1', 405, 'method_not_allowed', { method: 'PUT' }],
    ['/v1/videos/video_1/cancel', 405, 'method_not_allowed', { method: 'GET' }],
    ['/v1/videos/no-video-id', 404, 'video_not_found', {}],
    ['/v1/videos/video_1/content?variant=poster', 400, 'unsupported_variant', {}],
    ['/v1/videos/video_1/content?variant=video&variant=video', 400, 'unsupported_variant', {}],
    ['/v1/models/gpt-4', 404, 'model_not_found', {}],
    ['/v1/chat/completions', 404, 'unknown_url', { method: 'POST' }],
    ['/v1/videos/%E0%A4%A', 404, 'unknown_url', {}],
    ['/nothing', 404, 'unknown_url', {}],
    ['/v1/videos', 503, 'service_unavailable', json('{"prompt": "a cat"}')],
    ['/v1/videos', 503, 'service_unavailable', {}],
    ['/v1/videos/video_1', 503, 'service_unavailable', {}],
  ] as [string, number, string, RequestInit][])(
    'of %s comes as %i %s, in the one shape that SDKs read',
    async (path, status, code, init) => {
      const response = await send(path, init);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toMatch('application/json');
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]+$/);
      const error = await errorOf(response);
      expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
      expect(error).toMatchObject({ code, message: expect.stringMatching(/.{10}/), type: expect.any(String) });
    },
  );

  it('of a wrong method says which ones there are', async () => {
    expect((await send('/v1/videos/video_1/cancel')).headers.get('allow')).toBe('POST, OPTIONS');
    expect((await send('/v1/videos/video_1', { method: 'PUT' })).headers.get('allow')).toBe(
      'GET, POST, DELETE, HEAD, OPTIONS',
    );
    const options = await send('/v1/videos', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, POST, HEAD, OPTIONS']);
  });

  it('that will pass says when to ask again', async () => {
    const response = await send('/v1/videos/video_1');
    expect(response.headers.get('retry-after')).toBe('2');
  });

  it('does not tell what is inside the server', async () => {
    const broken = await startTestApi({
      videos: {
        get: () => Promise.reject(new Error('secret at /srv/kinora')),
      } as never,
    });
    try {
      const response = await fetch(`${broken.url}/v1/videos/video_1`);
      expect(response.status).toBe(500);
      expect(await errorOf(response)).toEqual({
        message: 'Something went wrong inside the server.',
        type: 'server_error',
        param: null,
        code: 'internal_error',
      });
    } finally {
      await broken.stop();
    }
  });

  it('has the same shape where the request is not even HTTP', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/x-request-id: req_/);
    expect(answer).toMatch('"code":"invalid_value"');
  });
});

describe('a multipart form', () => {
  const form = (...parts: [headers: string, body: string][]) =>
    json(
      parts.map(([headers, body]) => `--XX\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${body}\r\n`).join('') +
        '--XX--\r\n',
      'multipart/form-data; boundary=XX',
    );
  const create = async (...parts: [string, string][]) => await errorOf(await send('/v1/videos', form(...parts)));
  const accepted = expect.objectContaining({ code: 'service_unavailable' });

  it('with a file is refused by the name of the field, however large the file is', async () => {
    const big = 'x'.repeat(3_000_000);
    const file = 'name="input_reference"; filename="cat.png"\r\nContent-Type: image/png';
    const error = await create(['name="prompt"', 'a cat'], [file, big]);
    expect(error).toMatchObject({ code: 'invalid_value', param: 'input_reference' });
    // A browser's empty file field is no file.
    const empty = 'name="input_reference"; filename=""\r\nContent-Type: application/octet-stream';
    expect(await create(['name="prompt"', 'a cat'], [empty, ''])).toEqual(accepted);
  });

  it.each([
    [['name="size"', '848x480'], ['name="size"', '640x480'], 'size'],
    [['name="extra_body"', '{}'], ['name="extra_body[seed]"', '7'], 'extra_body'],
    [['name="__proto__"', 'x'], ['name="fps"', '24'], '__proto__'],
    [['name="extra_body[__proto__][seed]"', '7'], ['name="fps"', '24'], '__proto__'],
    [['name="seed[]"', '7'], ['name="fps"', '24'], 'seed'],
    [['name="input_reference[image_url]"', 'http://x'], ['name="fps"', '24'], 'input_reference'],
  ] as [[string, string], [string, string], string][])(
    'with %j and %j is refused: nobody knows which was meant',
    async (first, second, param) => {
      expect(await create(['name="prompt"', 'a cat'], first, second)).toMatchObject({ code: 'invalid_value', param });
    },
  );

  it('may nest as SDKs do', async () => {
    expect(await create(['name="prompt"', 'a cat'], ['name="extra_body[seed]"', '7'])).toEqual(accepted);
    expect(await create(['name="prompt"', 'a cat'], ['name="extra_body[seed]"', 'x'])).toMatchObject({ param: 'seed' });
  });

  it('of too much text, or of too many parts, is refused and not kept in memory', async () => {
    expect(await create(['name="prompt"', 'x'.repeat(150_000)])).toMatchObject({ code: 'body_too_large' });
    const many = Array.from({ length: 300 }, (_, i): [string, string] => [`name="f${i}"`, 'x']);
    expect(await create(...many)).toMatchObject({ code: 'body_too_large' });
  });
});

describe('what OpenAI can do and Mochi cannot', () => {
  const video = () => new File([Buffer.alloc(200_000)], 'a.mp4', { type: 'video/mp4' });
  it.each([
    ['edits', () => openai.videos.edit({ prompt: 'x', video: video() })],
    ['extensions', () => openai.videos.extend({ prompt: 'x', seconds: '4', video: video() })],
    ['characters', () => openai.videos.createCharacter({ name: 'x', video: video() })],
    ['characters', () => openai.videos.getCharacter('char_1')],
  ])('is refused by name, once: %s', async (what, call) => {
    const before = api.requests.length;
    await expect(call()).rejects.toMatchObject({
      status: 404,
      code: 'unsupported_endpoint',
      message: expect.stringContaining(what),
    });
    expect(api.requests.length - before).toBe(1);
  });
});

describe('a request id', () => {
  it.each(['abc-DEF_123', 'x'.repeat(128)])('that is sane comes back (%#)', async (id) => {
    expect((await send('/healthz', { headers: { 'x-request-id': id } })).headers.get('x-request-id')).toBe(id);
  });
  it.each(['a b', '<script>', '', 'x'.repeat(129)])('that is not is replaced (%#)', async (id) => {
    const given = (await send('/healthz', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(given).toMatch(/^req_[0-9a-f]{32}$/);
  });
});

describe('the probes', () => {
  it('say that the process lives, and that it cannot serve while Temporal is away', async () => {
    expect((await send('/healthz')).status).toBe(200);
    const ready = await send('/readyz');
    expect(ready.status).toBe(503);
    expect(await errorOf(ready)).toMatchObject({ message: expect.stringContaining('Temporal') });
  });

  it('find the model that load generators look for', async () => {
    const models = await openai.models.list();
    expect(models.data.map(({ id, object, created }) => ({ id, object, created }))).toEqual([
      { id: 'mochi-1-preview', object: 'model', created: 1_790_000_000 },
    ]);
    expect(await openai.models.retrieve('mochi-1-preview')).toMatchObject({ id: 'mochi-1-preview', object: 'model' });
  });
});
