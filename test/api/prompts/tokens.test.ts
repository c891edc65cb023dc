import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTokenCounter, type TokenCounter } from '../../../api/prompts/token-counter.ts';
import type { PromptTokens } from '../../../api/prompts/tokens-schema.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';

const MOCHI_TINY = fileURLToPath(new URL('../../../../gpu-worker/models/mochi-tiny', import.meta.url));

let counter: TokenCounter;
let api: TestApi;
beforeAll(async () => {
  counter = openTokenCounter(MOCHI_TINY, createLogger('test', 'silent'));
  api = await startTestApi({ countTokens: counter.count, limits: { promptChars: 100_000, bodyBytes: 1_000_000 } });
});
afterAll(async () => {
  counter?.close();
  await api?.stop();
});

const ask = (body: object, url = api.url) =>
  fetch(`${url}/v1/videos/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const tokensOf = async (body: object) => (await (await ask(body)).json()) as PromptTokens;

describe('tokens of a prompt', () => {
  it('are those that the model reads, its end mark included, and say where it stops reading', async () => {
    const long = Array.from({ length: 300 }, () => 'word').join(' ');
    expect(await tokensOf({ prompt: 'a red circle', negative_prompt: long })).toEqual({
      object: 'video.tokens',
      model: 'mochi-1-preview',
      prompt_tokens: 5,
      negative_prompt_tokens: 1201,
      max_prompt_tokens: 256,
    });
    expect(await tokensOf({})).toMatchObject({ prompt_tokens: null, negative_prompt_tokens: null });
  });

  it('of the longest text hold up no other request', async () => {
    const counting = tokensOf({ prompt: 'word '.repeat(20_000).trim() });
    const order: string[] = [];
    await Promise.all([
      counting.then(() => order.push('tokens')),
      fetch(`${api.url}/v1/models`).then(() => order.push('models')),
    ]);
    expect(order).toEqual(['models', 'tokens']);
  });

  it('refuses what a create would not take as a prompt, naming the field', async () => {
    const refused = await ask({ negative_prompt: 'a\u0000b' });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_value', param: 'negative_prompt' } });
  });

  it('are left out where the folder of the model holds no tokenizer: the API starts and answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-profile-alone-'));
    const without = openTokenCounter(folder, createLogger('test', 'silent'));
    const other = await startTestApi({ countTokens: without.count });
    const answer = (await (await ask({ prompt: 'a red circle' }, other.url)).json()) as PromptTokens;
    expect(answer).toMatchObject({ prompt_tokens: null, max_prompt_tokens: 256 });
    await other.stop();
    without.close();
    await rm(folder, { recursive: true });
  });
});
