import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import OpenAI, { BadRequestError } from 'openai';
import { pino } from 'pino';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { policyEnv } from '../../../api/policy/config.ts';
import { openPromptPolicy } from '../../../api/policy/prompt-policy.ts';
import { CharacterMap } from '../../../gpu-worker/text/tokenizer/charsmap.ts';
import { parseTokenizerJson } from '../../../gpu-worker/text/tokenizer/tokenizer-json.ts';
import { startTestApi } from '../../support/services/api.ts';

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
  return { ask, url: api.url, openai: new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'none', maxRetries: 0 }) };
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
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await ask('two')).passed && Date.now() < end;)
      await pause();
    expect(await ask('two')).toMatchObject({ code: 'prompt_refused' });
    await writeFile(file, 'two\n/(/');
    for (
      const end = Date.now() + PATIENCE_MS, pause = pauses();
      !logged.includes('stays in force') && Date.now() < end;
    )
      await pause();
    expect(logged).toMatch(/line 2 is not a regular expression/);
    expect(await ask('two')).toMatchObject({ code: 'prompt_refused' });
    await writeFile(file, 'two\n\n/(?=three)/');
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); !logged.includes('line 3 is') && Date.now() < end;)
      await pause();
    expect(logged).toMatch(/line 3 is not a regular expression that can be used: .*no look-arounds/);
    expect(await ask('two')).toMatchObject({ code: 'prompt_refused' });
    await writeFile(file, 'two\n/(/');
    await expect(start({ POLICY_BLOCKLIST_FILE: file })).rejects.toThrow(/POLICY_BLOCKLIST_FILE=.*line 2/);
  });

  it.each([
    ['looks ahead', '/a(?=b)/'],
    ['looks behind', '/(?<!a)b/'],
    ['refers to a group', '/(a)\\1/'],
    ['takes too long for each character', '/(\\p{L}{1,900}x?){5}/'],
    ['has a flag that does not exist', '/a/q'],
  ])(
    'is not even looked for where a line %s: the service says which line, and what to write instead',
    async (_, line) => {
      await writeFile(file, `# one\ntwo\n${line}\n`);
      await expect(start({ POLICY_BLOCKLIST_FILE: file })).rejects.toThrow(
        /line 3 is .*(plain|without slashes|Repeat fewer)/,
      );
    },
  );

  it('holds nobody up while it is looked for, whatever the line and the prompt', async () => {
    await writeFile(file, '/.*bomb.*kill/i\n/(a+)+$/\n/(a|aa)*b.*c\\d+x/i\n/^(\\w+\\s?)*$/\n');
    const { ask } = await start({ POLICY_BLOCKLIST_FILE: file });
    for (const prompt of [`${'bomb '.repeat(799)}!`, `${'a'.repeat(3999)}!`, `${'word '.repeat(799)}!`]) {
      expect(await ask(prompt)).toMatchObject({ status: 503, passed: true });
    }
    expect(await ask(`${'bomb '.repeat(700)} KILL`)).toMatchObject({ code: 'prompt_refused' });
  });

  it('is found in a list of ten thousand lines while other requests are answered', async () => {
    const lines = Array.from({ length: 5000 }, (_, n) => `word${n} thing\n/gr[ae]y${n}\\w*x/i`);
    await writeFile(file, lines.join('\n'));
    const { ask, url } = await start({ POLICY_BLOCKLIST_FILE: file });
    const order: string[] = [];
    const prompt = Array.from({ length: 600 }, (_, n) => `gray${n}`)
      .join(' ')
      .slice(0, 4000);
    const asked = Promise.all([prompt, `${prompt.slice(0, 3900)} word7 thing`].map((text) => ask(text))).finally(() =>
      order.push('prompts'),
    );
    await fetch(`${url}/healthz`).then(() => order.push('healthz'));
    expect(await asked).toMatchObject([{ passed: true }, { code: 'prompt_refused' }]);
    expect(order).toEqual(['healthz', 'prompts']);
  });

  it('that is not found in time is not let pass, and the next one is looked for', async () => {
    await writeFile(file, '/(\\p{L}{0,300}x){2}q$/i\nbomb');
    const hurried = await start({ POLICY_BLOCKLIST_FILE: file, POLICY_TIMEOUT_MS: '1' });
    expect(await hurried.ask('ж'.repeat(4000))).toMatchObject({ status: 503, passed: false });
    const patient = await start({ POLICY_BLOCKLIST_FILE: file, POLICY_TIMEOUT_MS: '60000' });
    expect(await patient.ask('ж'.repeat(40))).toMatchObject({ passed: true });
    expect(await patient.ask('a bomb')).toMatchObject({ code: 'prompt_refused' });
  });

  it.each([
    ['a zero-width joiner', 'a bo\u200dmb'],
    ['a zero-width space', 'a bo\u200bmb'],
    ['a soft hyphen', 'a bo\u00admb'],
    ['a word joiner and a tag', 'a b\u2060o\u{e006d}mb'],
    ['full-width letters', 'a ｂｏｍｂ'],
    ['mathematical letters', 'a 𝐛𝗼𝓶𝕓'],
    ['letters in circles', 'a ⓑⓞⓜⓑ'],
    ['Cyrillic letters', 'a b\u043emb'],
    ['Cyrillic letters only', 'a \u0432\u043e\u043c\u0432'],
    ['Greek capitals', 'a \u0392\u039f\u039c\u0392'],
    ['combining marks', 'a b\u0336o\u0336m\u0336b\u0336'],
    ['an umlaut', 'a b\u00f6mb'],
    ['a digit in its place', 'a b0mb'],
    ['small capitals', 'a \u0299\u1d0f\u1d0d\u0299'],
    ['a zero-width space in place of the space', 'a blue\u200bmoon'],
    ['what the model reads as a space', 'a blue\u2581moon'],
    ['a token of the model in place of the space', 'a blue</s>moon'],
    ['both: one that joins and one that parts', 'a blue\u200bmo\u00adon'],
    ['a capital i of another script', 'to k\u0406ll'],
    ['another case', 'the STRASSE'],
    ['a look-alike, for an expression', 'it \u0441r\u0430\u200bshes'],
  ])('is found behind %s', async (_, prompt) => {
    await writeFile(file, 'bomb\nblue moon\nkill\nstraße\n/\\bcrash\\w*/\n');
    const { ask } = await start({ POLICY_BLOCKLIST_FILE: file });
    expect(await ask(prompt)).toMatchObject({ status: 400, code: 'prompt_refused', param: 'prompt' });
  });

  it('is found where it stands in the list in such a spelling, and nothing else is', async () => {
    await writeFile(file, 'ｂо\u00admb\nburn\nislam\nис\u200bлам\nfail');
    const { ask } = await start({ POLICY_BLOCKLIST_FILE: file });
    for (const prompt of ['a bomb', 'ислам', 'ИСЛАМ'])
      expect(await ask(prompt)).toMatchObject({ code: 'prompt_refused' });
    for (const prompt of ['a bum', 'a fall', 'bombs', 'a comb', 'the tenth', 'b o m b', '爆弾', 'b100mb of air']) {
      expect(await ask(prompt)).toMatchObject({ passed: true });
    }
  });

  it('is found in whatever the model reads as that word', async () => {
    await writeFile(file, 'blue moon\nbluemoon');
    const policy = await openPromptPolicy(policyEnv.parse({ POLICY_BLOCKLIST_FILE: file }), log);
    ends.push(() => policy.close());
    const map = await modelReads();
    const read: number[] = [];
    for (let code = 1; code <= 0xffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const prompt = `blue${String.fromCodePoint(code)}moon`;
      if (!/^blue\s*moon$/.test(map(prompt))) continue;
      read.push(code);
      await expect(policy.check({ prompt, negativePrompt: '', accountId: 'a' })).rejects.toThrow(/block list/);
    }
    expect(read.length).toBeGreaterThan(50);
  });
});

/** What the tokenizer makes of a text before it looks for words. */
async function modelReads(): Promise<(text: string) => string> {
  const path = fileURLToPath(
    new URL('../../../../gpu-worker/models/mochi-tiny/tokenizer/tokenizer.json', import.meta.url),
  );
  const { normalizer } = parseTokenizerJson(await readFile(path, 'utf8'), path);
  const map = new CharacterMap(Buffer.from(normalizer!.precompiled_charsmap, 'base64'));
  return (text) => map.normalize(text).replaceAll('\u2581', ' ');
}

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
