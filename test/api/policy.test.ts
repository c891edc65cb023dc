import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { BadRequestError } from 'openai';
import { pino } from 'pino';
import { policyEnv } from '../../api/policy/config.ts';
import { openPromptPolicy } from '../../api/policy/prompt-policy.ts';
import { startTestApi } from '../support/api.ts';

let folder: string;
let file: string;
let logged = '';
const log = pino({ level: 'trace' }, { write: (line: string) => void (logged += line) });
const ends: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-policy-'));
  file = join(folder, 'blocked.txt');
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An API with these settings. Without Temporal: what passes the policy ends at 503, `Temporal is not connected`. */
async function start(settings: Record<string, string>) {
  const policy = await openPromptPolicy(policyEnv.parse(settings), log);
  const api = await startTestApi({ policy, log });
  ends.push(
    () => policy.close(),
    () => api.stop(),
  );
  const ask = async (prompt: string, more: object = {}) => {
    const response = await fetch(`${api.url}/v1/videos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt, ...more }),
    });
    const { error } = (await response.json()) as { error: { code: string; message: string; param: string | null } };
    return { status: response.status, ...error, passed: error.message.startsWith('Temporal is not connected') };
  };
  return { ask, openai: new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 }) };
}

describe('a prompt that is on the block list', () => {
  it('is refused with the reason, in any spelling of the word, and never as a part of another', async () => {
    await writeFile(file, '# not these\nass\nblue   moon\n\n/sn[aeiou]+ke/i\n(c)\n');
    const { ask, openai } = await start({ POLICY_BLOCKLIST_FILE: file });
    for (const prompt of ['an ASS on a hill', 'ａｓｓ', 'a blue\n moon', 'a SNOOKE', 'the sign (c)']) {
      expect(await ask(prompt)).toMatchObject({ status: 400, code: 'prompt_refused', param: 'prompt' });
    }
    expect((await ask('A Blue  Moon')).message).toBe(
      'The prompt is refused: "Blue Moon" is on the block list of this service.',
    );
    for (const prompt of ['a glass of water', 'bluemoon', 'a moon, blue', 'assam']) {
      expect(await ask(prompt)).toMatchObject({ status: 503, passed: true });
    }
    // What must not be seen may be named.
    expect(await ask('a donkey', { negative_prompt: 'ass' })).toMatchObject({ passed: true });
    await expect(openai.videos.create({ prompt: 'an ass' })).rejects.toThrow(BadRequestError);
  });

  it('is refused from the moment that the list is changed; a list that cannot be used changes nothing', async () => {
    await writeFile(file, 'one');
    const { ask } = await start({ POLICY_BLOCKLIST_FILE: file });
    expect((await ask('two')).passed).toBe(true);
    await writeFile(file, 'two');
    for (const end = Date.now() + 5000; (await ask('two')).passed && Date.now() < end;) await sleep(100);
    expect(await ask('two')).toMatchObject({ code: 'prompt_refused' });
    await writeFile(file, 'two\n/(/');
    for (const end = Date.now() + 5000; !logged.includes('stays in force') && Date.now() < end;) await sleep(100);
    expect(logged).toMatch(/line 2 is not a regular expression/);
    expect(await ask('two')).toMatchObject({ code: 'prompt_refused' });
    await expect(start({ POLICY_BLOCKLIST_FILE: file })).rejects.toThrow(/POLICY_BLOCKLIST_FILE=.*line 2/);
  });
});

describe('a moderator', () => {
  /** An HTTP service that answers so; it keeps what it was asked. */
  async function moderator(answer: (question: { prompt: string }) => object | 'nothing' | number) {
    const questions: unknown[] = [];
    const server: Server = createServer((req, res) => {
      let body = '';
      req.setEncoding('utf8').on('data', (text: string) => (body += text));
      req.on('end', () => {
        const question = JSON.parse(body) as { prompt: string };
        questions.push(question);
        const said = answer(question);
        if (said === 'nothing') return;
        if (typeof said === 'number') res.writeHead(said, { location: '/' }).end();
        else res.end(JSON.stringify(said));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`, questions };
  }

  it('is asked about every prompt, and its reason reaches the user', async () => {
    const { url, questions } = await moderator(({ prompt }) =>
      prompt.includes('bad') ? { allowed: false, reason: 'nobody wants to see that.' } : { allowed: true },
    );
    const { ask } = await start({ POLICY_MODERATOR_URL: url });
    expect(await ask('something bad', { negative_prompt: 'blur' })).toMatchObject({
      status: 400,
      code: 'prompt_refused',
      param: 'prompt',
      message: 'The prompt is refused: nobody wants to see that.',
    });
    expect((await ask('something good')).passed).toBe(true);
    expect(questions).toEqual([
      { prompt: 'something bad', negative_prompt: 'blur', account: 'default' },
      { prompt: 'something good', negative_prompt: '', account: 'default' },
    ]);
  });

  it.each<[string, object | 'nothing' | number]>([
    ['does not answer in time', 'nothing'],
    ['fails', 500],
    ['points elsewhere', 302],
    ['says something else', { ok: true }],
  ])('that %s lets no prompt pass, unless that is wanted', async (_how, answer) => {
    const { url } = await moderator(() => answer);
    const settings = { POLICY_MODERATOR_URL: url, POLICY_TIMEOUT_MS: '300' };
    const closed = await start(settings);
    expect(await closed.ask('secret words')).toMatchObject({
      status: 503,
      code: 'service_unavailable',
      message: expect.stringMatching(/^Prompts cannot be checked/),
    });
    const open = await start({ ...settings, POLICY_FAIL_OPEN: 'true' });
    expect((await open.ask('secret words')).passed).toBe(true);
  });

  it('and the block list leave no word of a prompt in the log', () => {
    expect(logged).toContain('The moderator does not answer');
    expect(logged).not.toMatch(/secret words|something bad|Blue/);
  });
});
