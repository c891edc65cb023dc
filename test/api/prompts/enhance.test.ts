import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { policyEnv } from '../../../api/policy/config.ts';
import { openPromptPolicy } from '../../../api/policy/prompt-policy.ts';
import { enhancerEnv } from '../../../api/prompts/config.ts';
import { openEnhancer } from '../../../api/prompts/enhancer.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { ChatServer, saying, sending } from '../../support/servers/chat-server.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let logged = '';
const log = pino({ level: 'trace' }, { write: (line: string) => void (logged += line) });
const ends: (() => Promise<unknown> | void)[] = [];
let chat: ChatServer;
beforeAll(async () => {
  chat = await ChatServer.start();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  chat.requests.length = 0;
  chat.reply = saying('a wider shot');
});
afterAll(() => chat.stop());

const SETTINGS = { ENHANCER_MODEL: 'a-model', ENHANCER_TIMEOUT_MS: '1000', ENHANCER_REQUESTS_PER_MINUTE: '1000' };

async function start(settings: Record<string, string> = {}, more: Parameters<typeof startTestApi>[0] = {}) {
  const config = enhancerEnv.parse({ ...SETTINGS, ENHANCER_URL: chat.url, ...settings });
  const api = await startTestApi({ enhancer: openEnhancer(config, log), log, ...more });
  ends.push(() => api.stop());
  return api;
}

const post = (api: TestApi, path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${api.url}/v1/videos${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
async function enhanced(api: TestApi, body: object, headers?: Record<string, string>) {
  const response = await post(api, '/enhance', body, headers);
  const answer = (await response.json()) as {
    enhanced_prompt?: string;
    error?: { code: string; param: string | null };
  };
  return { status: response.status, text: answer.enhanced_prompt, ...answer.error };
}

describe('an enhanced prompt', () => {
  it('is what the configured model answers, without its thoughts and quotes, and is used for nothing', async () => {
    const api = await start({ ENHANCER_API_KEY: 'its-key' });
    chat.reply = saying('<think>They want a "fox".</think>\n\n"A red fox trots\r\nthrough snow."\n');
    const response = await post(api, '/enhance', { prompt: 'a fox', model: 'mochi-1-preview' });
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await response.json()).toEqual({
      object: 'video.enhanced_prompt',
      prompt: 'a fox',
      enhanced_prompt: 'A red fox trots\nthrough snow.',
    });
    const [{ path, authorization, body }] = chat.requests as [(typeof chat.requests)[0]];
    expect([path, authorization, body.model]).toEqual(['/v1/chat/completions', 'Bearer its-key', 'a-model']);
    expect(body.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    // The prompt is the whole of its message, and no part of the instructions.
    expect(body.messages[1]!.content).toBe('a fox');
    expect(body.messages[0]!.content).toContain('Mochi 1');
  });

  const never: ServerResponse[] = [];
  const endless = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => void (response.destroyed || (response.write(' '.repeat(65_536)), setImmediate(more)));
    more();
  };
  it.each<[string, ChatServer['reply']]>([
    ['does not answer', (response) => void never.push(response)],
    ['answers HTTP 500', sending('{}', 500)],
    ['leads elsewhere', (response) => response.writeHead(307, { location: chat.url }).end()],
    ['answers no JSON', sending('<html>')],
    ['answers something else', sending('{"choices":[]}')],
    ['answers null', sending('{"choices":[{"message":{"content":null}}]}')],
    ['never ends its answer', endless],
    [
      'breaks off',
      (response) => response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
    ],
    ['answers nothing to be seen', saying(' \u200b\n')],
    ['only thinks', saying('<think>hm</think>')],
    ['answers control characters', saying('a\u001b[2Jfox')],
    ['answers half an emoji', sending('{"choices":[{"message":{"content":"a \\ud83d fox"}}]}')],
    ['answers more than a prompt may have', saying('a'.repeat(4001))],
  ])('is refused by name, and neither text logged, where the service %s', async (_what, reply) => {
    const api = await start();
    chat.reply = reply;
    logged = '';
    expect(await enhanced(api, { prompt: 'a secret fox' })).toMatchObject({ status: 424, code: 'enhancer_failed' });
    for (const response of never.splice(0)) response.destroy();
    expect(logged).toContain('does not do so');
    expect(logged).not.toMatch(/secret|fox|hm/);
    expect(chat.requests.length).toBe(1);
  });

  it('is not asked for where the request is wrong, nor where the prompt would be refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-enhance-'));
    await writeFile(join(folder, 'blocked.txt'), 'badger');
    const policy = await openPromptPolicy(policyEnv.parse({ POLICY_BLOCKLIST_FILE: join(folder, 'blocked.txt') }), log);
    ends.push(
      () => policy.close(),
      async () => await rm(folder, { recursive: true }),
    );
    const api = await start({}, { policy });
    for (const [body, code, param] of [
      [{}, 'missing_required_parameter', 'prompt'],
      [{ prompt: '\u200b' }, 'invalid_value', 'prompt'],
      [{ prompt: 'a'.repeat(4001) }, 'invalid_value', 'prompt'],
      [{ prompt: 'a fox', model: 'another' }, 'model_not_found', 'model'],
      [{ prompt: 'a badger' }, 'prompt_refused', 'prompt'],
    ] as const) {
      expect(await enhanced(api, body)).toMatchObject({ code, param });
    }
    expect(chat.requests).toEqual([]);
    // What the model answers is held to the same rules as any prompt, once a video is asked for.
    chat.reply = saying('a badger in the rain');
    const { text: prompt } = await enhanced(api, { prompt: 'an animal' });
    const refused = await post(api, '', { prompt, original_prompt: 'an animal' });
    expect(await refused.json()).toMatchObject({ error: { code: 'prompt_refused' } });
  });

  it("is limited for each account, and one account's limit is not another's", async () => {
    const accounts = await testRegistry({ id: 'one', keys: ['key-1'] }, { id: 'two', keys: ['key-2'] });
    const api = await start({ ENHANCER_REQUESTS_PER_MINUTE: '2' }, { accounts });
    const ask = (key: string) => enhanced(api, { prompt: 'a fox' }, { authorization: `Bearer ${key}` });
    const statuses: number[] = [];
    for (const key of ['key-1', 'key-1', 'key-1', 'key-2']) statuses.push((await ask(key)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
    expect((await post(api, '/enhance', { prompt: 'a fox' })).status).toBe(401);
  });

  it('is offered only where it is configured', async () => {
    const has = async (api: TestApi) =>
      ((await (await fetch(`${api.url}/v1/account`)).json()) as { prompt_enhancer?: boolean }).prompt_enhancer;
    const usage = { of: async () => ({ queued: 0, running: 0 }) } as never;
    const api = await start({}, { usage, enhancer: undefined });
    expect(await has(api)).toBe(false);
    expect(await enhanced(api, { prompt: 'a fox' })).toMatchObject({ status: 404, code: 'enhancer_not_configured' });
    expect(await has(await start({}, { usage }))).toBe(true);
    expect(openEnhancer(enhancerEnv.parse({}), log)).toBeUndefined();
    expect(() => openEnhancer(enhancerEnv.parse({ ENHANCER_URL: chat.url }), log)).toThrow('ENHANCER_MODEL is missing');
    // An address is logged where it cannot be used; a password must not be in it.
    expect(enhancerEnv.safeParse({ ENHANCER_URL: 'https://user:password@host/v1' }).success).toBe(false);
  });
});

describe('the prompt that was enhanced', () => {
  it('stays with the video, and is a field like the others for idempotency', async () => {
    const service = await StandInService.start();
    ends.push(() => service.stop());
    const send = async (original: string | undefined, key: string) => {
      const fields = { prompt: 'a red fox in snow', ...(original !== undefined && { original_prompt: original }) };
      const response = await service.request('', 'POST', fields, { 'idempotency-key': key });
      const video = (await response.json()) as { id: string; original_prompt: string | null };
      return { ...video, status: response.status };
    };
    const made = await send('a fox', 'one');
    expect(made.original_prompt).toBe('a fox');
    expect(await service.retrieve(made.id)).toMatchObject({ prompt: 'a red fox in snow', original_prompt: 'a fox' });
    expect(await send('a fox', 'one')).toMatchObject({ status: 200, id: made.id });
    expect(await send('a dog', 'one')).toMatchObject({ status: 409 });
    expect(await send('a red fox in snow', 'two')).toMatchObject({ original_prompt: null });
    const remix = await service.request(`/${made.id}/remix`, 'POST', { prompt: 'a wolf' });
    expect(await remix.json()).toMatchObject({ prompt: 'a wolf', original_prompt: null });
  });
});
