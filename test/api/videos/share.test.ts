import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Video } from '../../../api/jobs/video-schema.ts';
import type { VideoShare } from '../../../api/sharing/schema.ts';
import type { AccountRegistry } from '../../../platform/accounts/registry.ts';
import { LocalStore } from '../../../storage/local.ts';
import { keys } from '../../../storage/keys.ts';
import type { EncryptionKey } from '../../../temporal/encryption/keys-file.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { contentOf, untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import { startTestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

const PROMPT = 'a "red" <b>circle</b> & a square';
const key = (): EncryptionKey => ({ id: `key-${randomBytes(4).toString('hex')}`, key: randomBytes(32) });

let service: StandInService;
let accounts: AccountRegistry;
/** Of all accounts that are in the file. */
let known: AccountRegistry;
let shareKeys: EncryptionKey[] = [key()];
/** The video that the links are to. */
let video: Video;

beforeAll(async () => {
  known = await testRegistry(
    { id: 'alice', keys: ['of-alice'], limits: { requests_per_minute: null } },
    { id: 'bob', keys: ['of-bob'] },
    { id: 'root', keys: ['of-root'], admin: true },
  );
  let current = known;
  accounts = { ...known, byId: (id) => current.byId(id), byKey: (sent) => current.byKey(sent) };
  setAccounts = (to) => (current = to);
  service = await StandInService.start({
    accounts,
    apiKey: 'of-alice',
    shareKeys: () => shareKeys,
    limits: { failedKeys: 100_000, shareVisits: 100_000 },
  });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
  video = await made();
});
afterAll(() => service?.stop());

let setAccounts: (to: AccountRegistry) => void;

async function made(): Promise<Video> {
  const { id } = await service.create({ prompt: PROMPT });
  return await service.finished(id);
}

const as = (account: string) => ({ authorization: `Bearer of-${account}` });
const ask = (path: string, method = 'GET', body?: object, account = 'alice') =>
  service.request(path, method, body, as(account));
async function share(id: string, fields: object = {}): Promise<VideoShare> {
  const response = await ask(`/${id}/share`, 'POST', fields);
  expect(response.status).toBe(200);
  return (await response.json()) as VideoShare;
}
const sharesOf = async (id: string) => ((await (await ask(`/${id}/shares`)).json()) as { data: VideoShare[] }).data;
const codeOf = async (response: Response) =>
  [response.status, ((await response.json()) as { error: { code: string } }).error.code] as const;

/** What a visitor gets, who sends no key. */
const visit = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(new URL(path, service.api.url), { headers, method });
const files = ['', '/video.mp4', '/poster.webp'];

/** How a link that leads nowhere looks: the page of one that was never made. */
const deadPage = async () => {
  const response = await visit('/share/nothing');
  expect(response.status).toBe(404);
  return await response.text();
};
async function expectDead(path: string): Promise<void> {
  const dead = await deadPage();
  for (const file of files) {
    const response = await visit(path + file);
    expect([path + file, response.status, response.headers.get('cache-control')]).toEqual([
      path + file,
      404,
      'no-store',
    ]);
    expect(await response.text()).toBe(dead);
  }
}
const under = async (prefix: string) => {
  const found: string[] = [];
  for await (const { key: name } of service.api.artefacts.list(prefix)) found.push(name);
  return found;
};
const filesOf = (id: string) => under(keys.prefix(id));
const stored = (id: string) => under(keys.shares(id));

describe('a link to a finished video', () => {
  let link: VideoShare;
  beforeAll(async () => {
    link = await share(video.id);
  });

  it('shows a visitor without a key the video and its poster, and names neither the prompt nor the account', async () => {
    expect(link).toEqual({
      id: expect.stringMatching(/^share_[0-9a-f]{32}$/),
      object: 'video.share',
      video_id: video.id,
      url: `${service.api.url}${link.path}`,
      path: expect.stringMatching(/^\/share\/[A-Za-z0-9._-]+$/),
      created_at: expect.any(Number),
      // The stand-in's videos are kept for a week, so that the link ends with its video at the latest.
      expires_at: Math.min(video.expires_at!, link.expires_at),
      show_prompt: false,
    });
    expect(Math.abs(link.expires_at - Date.now() / 1000 - 7 * 86_400)).toBeLessThan(120);
    const page = await fetch(link.url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await page.text();
    expect(html).not.toMatch(/circle|alice|seed/);
    expect(html).not.toContain('<script');
    const [src, poster] = [/ src="([^"]+)"/.exec(html)![1]!, / poster="([^"]+)"/.exec(html)![1]!];
    const mp4 = await fetch(new URL(src, link.url));
    expect([mp4.status, mp4.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    expect(Buffer.from(await mp4.arrayBuffer())).toEqual(contentOf(video.id, 'video'));
    const webp = await fetch(new URL(poster, link.url));
    expect([webp.status, webp.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(Buffer.from(await webp.arrayBuffer())).toEqual(contentOf(video.id, 'thumbnail'));
    // What is saved is not named after the video, its seed or its account.
    expect(mp4.headers.get('content-disposition')).toBe('inline; filename="video.mp4"');
  });

  it('has a preview for sites that show one, with the prompt only where its owner wants that', async () => {
    const html = await (await fetch(link.url)).text();
    expect(html).toContain(`<meta property="og:image" content="${link.url}/poster.webp" />`);
    expect(html).toContain(`<meta property="og:video" content="${link.url}/video.mp4" />`);
    expect(html).toContain('<meta property="og:title" content="A generated video" />');
    const open = await share(video.id, { show_prompt: true });
    const shown = await (await fetch(open.url)).text();
    const escaped = 'a &quot;red&quot; &lt;b&gt;circle&lt;/b&gt; &amp; a square';
    expect(shown).toContain(`<meta property="og:title" content="${escaped}" />`);
    expect(shown).toContain(`<h1 dir="auto">${escaped}</h1>`);
    expect(shown).not.toContain('<b>');
  });

  it('plays from the middle, is not sent twice, and is looked at with HEAD', async () => {
    const whole = contentOf(video.id, 'video');
    const part = await visit(`${link.path}/video.mp4`, { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
    const etag = part.headers.get('etag')!;
    expect((await visit(`${link.path}/video.mp4`, { 'if-none-match': etag })).status).toBe(304);
    const beyond = await visit(`${link.path}/video.mp4`, { range: 'bytes=999999-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
    for (const file of files) {
      const head = await visit(link.path + file, {}, 'HEAD');
      expect([head.status, await head.text()]).toEqual([200, '']);
    }
  });

  it('tells no other site where it is, is in no search engine, and is kept by no cache beyond its end', async () => {
    const short = await share(video.id, { expires_in: 30 });
    for (const file of files) {
      const { headers } = await visit(link.path + file);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-robots-tag')).toBe('noindex');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none';style-src 'sha256-[^']+';img-src 'self';media-src 'self';object-src 'none';/,
      );
      expect(headers.get('cache-control')).toBe('private, max-age=60');
      const [, left] = /^private, max-age=(\d+)$/.exec((await visit(short.path + file)).headers.get('cache-control')!)!;
      expect(Number(left)).toBeLessThanOrEqual(30);
    }
  });

  it('gives nothing else: no other file, no API, and nothing can be done with it', async () => {
    for (const path of ['/spritesheet.jpg', '/content', '/shares', '/events', '/..%2f..%2fv1%2fvideos']) {
      expect([path, (await visit(link.path + path)).status]).toEqual([path, 404]);
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect([method, (await visit(link.path, {}, method)).status]).toEqual([method, 405]);
    }
    const token = link.path.split('/').at(-1)!;
    for (const sent of [token, link.id]) {
      expect((await visit(`/v1/videos/${video.id}`, { authorization: `Bearer ${sent}` })).status).toBe(401);
    }
    expect((await visit(link.path)).status).toBe(200);
  });

  it('is under the name that a trusted proxy was asked by', async () => {
    const api = await startTestApi({
      client: () => service.client,
      artefacts: service.api.artefacts,
      accounts,
      shareKeys: () => shareKeys,
      trustedProxies: ['loopback'],
    });
    const response = await fetch(`${api.url}/v1/videos/${video.id}/share`, {
      method: 'POST',
      headers: { ...as('alice'), 'x-forwarded-proto': 'https', 'x-forwarded-host': 'films.example.com' },
    });
    const made = (await response.json()) as VideoShare;
    expect(made.url).toBe(`https://films.example.com${made.path}`);
    // Any process of the service, whoever made it.
    expect((await visit(made.path)).status).toBe(200);
    await api.stop();
  });
});

describe('a link that somebody has changed', () => {
  it('is good in no letter but those that were signed', async () => {
    const { path } = await share(video.id);
    const dead = await deadPage();
    const link = path.slice('/share/'.length);
    const { length } = link;
    expect(length).toBeLessThan(200);
    const other = (character: string) => (character === '1' ? '0' : '1');
    const wrong = [
      ...Array.from({ length }, (_, at) => link.slice(0, at) + other(link[at]!) + link.slice(at + 1)),
      // The bits that base64 leaves over at the end of a signature.
      ...[1, 2, 3].map(
        (bit) =>
          link.slice(0, -1) +
          'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[
            'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(link.at(-1)!) ^ bit
          ]!,
      ),
      link.slice(0, -1),
      `${link}A`,
      `${link}=`,
      ` ${link}`,
      `${link}%0A`,
      `${link}%00`,
      link.toUpperCase(),
      link.replace('1.video', '01.video'),
      link.replace('1.video', '2.video'),
      link.split('.').slice(0, -1).join('.'),
      `${link.split('.').slice(0, -1).join('.')}.`,
    ];
    for (const one of wrong) {
      const response = await visit(`/share/${one}`);
      expect([one, response.status]).toEqual([one, 404]);
      expect(await response.text()).toBe(dead);
    }
    expect((await visit(path)).status).toBe(200);
  });

  it('does not last longer, lead to another video, or show the prompt', async () => {
    const another = await made();
    const { path } = await share(video.id);
    const { path: theirs } = await share(another.id);
    const parts = path.slice('/share/'.length).split('.');
    const [version, id, end, prompt, shareId, signature] = parts as [string, string, string, string, string, string];
    const [, , , , theirShare, theirSignature] = theirs.slice('/share/'.length).split('.');
    for (const changed of [
      [version, id, String(Number(end) + 86_400), prompt, shareId, signature],
      [version, id, `0${end}`, prompt, shareId, signature],
      [version, another.id, end, prompt, shareId, signature],
      [version, another.id, end, prompt, theirShare, signature],
      [version, id, end, prompt, theirShare, theirSignature],
      [version, id, end, '1', shareId, signature],
    ]) {
      await expectDead(`/share/${changed.join('.')}`);
    }
    await expectDead(`${path}%ff`);
    expect((await visit(theirs)).status).toBe(200);
  });

  it('is tried only so many times from one address, while good ones are taken', async () => {
    const api = await startTestApi({
      client: () => service.client,
      artefacts: service.api.artefacts,
      accounts,
      shareKeys: () => shareKeys,
      limits: { failedKeys: 5, shareVisits: 20 },
    });
    const { path } = await share(video.id);
    const seen: number[] = [];
    for (let i = 0; i < 8; i++) seen.push((await fetch(`${api.url}/share/guess-${i}`)).status);
    expect(seen).toEqual([404, 404, 404, 404, 404, 429, 429, 429]);
    const refused = await fetch(`${api.url}/share/guess`);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${api.url}${path}`)).status).toBe(200);
    for (let i = 0; i < 12; i++) seen.push((await fetch(`${api.url}${path}`)).status);
    expect(seen.at(-1)).toBe(429);
    await api.stop();
  });
});

describe('a link', () => {
  it('ends when it was to', async () => {
    const { path, expires_at } = await share(video.id, { expires_in: 2 });
    while (Date.now() / 1000 < expires_at) {
      const { status } = await visit(path);
      if (Date.now() / 1000 < expires_at) expect(status).toBe(200);
      await sleep(50);
    }
    await expectDead(path);
    expect(await sharesOf(video.id)).not.toContainEqual(expect.objectContaining({ path }));
    expect((await stored(video.id)).filter((name) => name.includes(String(expires_at)))).toEqual([]);
  });

  it('ends when it is revoked, and the others go on', async () => {
    const [first, second] = [await share(video.id), await share(video.id)];
    expect((await visit(first.path)).status).toBe(200);
    const shares = await sharesOf(video.id);
    expect(shares).toEqual(expect.arrayContaining([first, second]));
    const revoked = await ask(`/${video.id}/shares/${first.id}`, 'DELETE');
    expect(await revoked.json()).toEqual({ id: first.id, object: 'video.share.deleted', deleted: true });
    await expectDead(first.path);
    expect((await visit(second.path)).status).toBe(200);
    expect(await sharesOf(video.id)).not.toContainEqual(first);
    const again = await ask(`/${video.id}/shares/${first.id}`, 'DELETE');
    expect(await codeOf(again)).toEqual([404, 'share_not_found']);
  });

  it('ends at every process within a second when it is revoked at one', async () => {
    const made = await share(video.id);
    const api = await startTestApi({
      client: () => service.client,
      artefacts: service.api.artefacts,
      accounts,
      shareKeys: () => shareKeys,
    });
    expect((await fetch(api.url + made.path)).status).toBe(200);
    await ask(`/${video.id}/shares/${made.id}`, 'DELETE');
    while ((await fetch(api.url + made.path)).status === 200) await sleep(50);
    expect((await fetch(api.url + made.path)).status).toBe(404);
    await api.stop();
  });

  it('ends with its video, of which nothing is left in the store', async () => {
    const { id } = await made();
    const { path } = await share(id);
    expect(await stored(id)).toHaveLength(1);
    await service.openai.videos.delete(id);
    await expectDead(path);
    while ((await stored(id)).length > 0) await sleep(50);
    expect(await codeOf(await ask(`/${id}/shares`))).toEqual([404, 'video_not_found']);
    expect(await codeOf(await ask(`/${id}/share`, 'POST'))).toEqual([404, 'video_not_found']);
  });

  it('ends with its account', async () => {
    const { path } = await share(video.id);
    setAccounts(await testRegistry({ id: 'bob', keys: ['of-bob'] }));
    await expectDead(path);
    setAccounts(known);
    expect((await visit(path)).status).toBe(200);
  });

  it('is good for as long as the key is there that signed it', async () => {
    const [old] = shareKeys as [EncryptionKey];
    const { path } = await share(video.id);
    const next = key();
    shareKeys = [next, old];
    expect((await visit(path)).status).toBe(200);
    const { path: newer } = await share(video.id);
    shareKeys = [next];
    await expectDead(path);
    expect((await visit(newer)).status).toBe(200);
    // Listed with the key that signs now: so it can be sent again.
    const again = (await sharesOf(video.id)).find((one) => one.path.includes(path.split('.').at(-2)!))!;
    expect((await visit(again.path)).status).toBe(200);
    // A key of another kind of things signs no link.
    shareKeys = [key()];
    await expectDead(newer);
    shareKeys = [old];
  });
});

describe('who may share', () => {
  it('is the account whose video it is, and an operator; others find no such video', async () => {
    const link = await share(video.id);
    for (const [path, method] of [
      ['share', 'POST'],
      ['shares', 'GET'],
      [`shares/${link.id}`, 'DELETE'],
    ] as const) {
      expect(await codeOf(await ask(`/${video.id}/${path}`, method, undefined, 'bob'))).toEqual([
        404,
        'video_not_found',
      ]);
    }
    expect((await ask(`/${video.id}/share`, 'POST', {}, 'root')).status).toBe(200);
    expect((await ask(`/${video.id}/shares`, 'GET', undefined, 'root')).status).toBe(200);
    expect((await ask(`/${video.id}/shares/${link.id}`, 'DELETE', undefined, 'root')).status).toBe(200);
    const none = await fetch(`${service.api.url}/v1/videos/${video.id}/share`, { method: 'POST' });
    expect(none.status).toBe(401);
  });

  it('is told which field is wrong', async () => {
    for (const [fields, param] of [
      [{ expires_in: 0 }, 'expires_in'],
      [{ expires_in: 365 * 86_400 + 1 }, 'expires_in'],
      [{ expires_in: 'tomorrow' }, 'expires_in'],
      [{ show_prompt: 'yes' }, 'show_prompt'],
    ] as const) {
      const response = await ask(`/${video.id}/share`, 'POST', fields);
      expect([response.status, await response.json()]).toEqual([
        400,
        { error: expect.objectContaining({ code: 'invalid_value', param }) },
      ]);
    }
    expect((await share(video.id, { expires_in: 365 * 86_400 })).expires_at).toBe(video.expires_at);
  });

  it('has to wait for the video, and cannot share one that failed', async () => {
    service.workers.generate = (_input, beat) => untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    const { id } = await service.create();
    expect(await codeOf(await ask(`/${id}/share`, 'POST'))).toEqual([400, 'video_not_ready']);
    await ask(`/${id}/cancel`, 'POST');
    await service.finished(id);
    service.workers.generate = async () => {};
    expect(await codeOf(await ask(`/${id}/share`, 'POST'))).toEqual([400, 'video_generation_failed']);
    expect(await stored(id)).toEqual([]);
  });

  it('is told where the service has no keys for it', async () => {
    const api = await startTestApi({ client: () => service.client, artefacts: service.api.artefacts });
    for (const [path, method] of [
      ['share', 'POST'],
      ['shares', 'GET'],
    ] as const) {
      const response = await fetch(`${api.url}/v1/videos/${video.id}/${path}`, { method });
      expect(await codeOf(response)).toEqual([404, 'unsupported_endpoint']);
    }
    const { path } = await share(video.id);
    expect((await fetch(api.url + path)).status).toBe(404);
    await api.stop();
  });

  it('has a hundred links to a video at most', async () => {
    const { id } = await made();
    for (let i = 0; i < 100; i++) await share(id);
    expect(await codeOf(await ask(`/${id}/share`, 'POST'))).toEqual([400, 'too_many_shares']);
    const [newest] = await sharesOf(id);
    await ask(`/${id}/shares/${newest!.id}`, 'DELETE');
    await share(id);
  });
});

describe('a link that is made while its video is deleted', () => {
  it('is refused, and leaves nothing behind', async () => {
    const { id } = await made();
    // Written only once the delete has been through with the video's files.
    const late = new LateStore(service.api.artefacts as LocalStore, async () => {
      await service.openai.videos.delete(id);
      while ((await filesOf(id)).length > 0) await sleep(50);
    });
    const api = await startTestApi({
      client: () => service.client,
      artefacts: late,
      accounts,
      shareKeys: () => shareKeys,
    });
    const response = await fetch(`${api.url}/v1/videos/${id}/share`, { method: 'POST', headers: as('alice') });
    expect(await codeOf(response)).toEqual([404, 'video_not_found']);
    expect(await filesOf(id)).toEqual([]);
    await api.stop();
  });
});

/** The same folder, in which nothing is written before something else was done. */
class LateStore extends LocalStore {
  readonly #before: () => Promise<void>;

  constructor(store: LocalStore, before: () => Promise<void>) {
    super(new URL(store.url).pathname);
    this.#before = before;
  }

  override async put(...args: Parameters<LocalStore['put']>): ReturnType<LocalStore['put']> {
    await this.#before();
    return await super.put(...args);
  }
}
