import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoShare } from '../../../api/sharing/schema.ts';
import { contentOf } from '../../../tools/harness/services/stand-in-workers.ts';
import { BELOW, SharingService } from '../../support/services/sharing-service.ts';

let sharing: SharingService;
beforeAll(async () => {
  sharing = await SharingService.start();
});
afterAll(() => sharing?.stop());

describe('a link to a finished video', () => {
  let link: VideoShare;
  beforeAll(async () => {
    link = await sharing.share(sharing.video.id);
  });

  it('shows a visitor without a key the video and its poster, and names neither the prompt nor the account', async () => {
    expect(link).toEqual({
      id: expect.stringMatching(/^share_[0-9a-f]{32}$/),
      object: 'video.share',
      video_id: sharing.video.id,
      url: `${sharing.service.api.url}${link.path}`,
      path: expect.stringMatching(/^\/share\/[A-Za-z0-9._-]+$/),
      created_at: expect.any(Number),
      // The stand-in's videos are kept for a week, so that the link ends with its video at the latest.
      expires_at: Math.min(sharing.video.expires_at!, link.expires_at),
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
    expect(Buffer.from(await mp4.arrayBuffer())).toEqual(contentOf(sharing.video.id, 'video'));
    const webp = await fetch(new URL(poster, link.url));
    expect([webp.status, webp.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(Buffer.from(await webp.arrayBuffer())).toEqual(contentOf(sharing.video.id, 'thumbnail'));
    // What is saved is not named after the video, its seed or its account.
    expect(mp4.headers.get('content-disposition')).toBe('inline; filename="video.mp4"');
  });

  it('has a preview for sites that show one, with the prompt only where its owner wants that', async () => {
    const html = await (await fetch(link.url)).text();
    expect(html).toContain(`<meta property="og:image" content="${link.url}/poster.webp" />`);
    expect(html).toContain(`<meta property="og:video" content="${link.url}/video.mp4" />`);
    expect(html).toContain('<meta property="og:title" content="A generated video" />');
    const open = await sharing.share(sharing.video.id, { show_prompt: true });
    const shown = await (await fetch(open.url)).text();
    const escaped = 'a &quot;red&quot; &lt;b&gt;circle&lt;/b&gt; &amp; a square';
    expect(shown).toContain(`<meta property="og:title" content="${escaped}" />`);
    expect(shown).toContain(`<h1 dir="auto">${escaped}</h1>`);
    expect(shown).not.toContain('<b>');
  });

  it('plays from the middle, is not sent twice, and is looked at with HEAD', async () => {
    const whole = contentOf(sharing.video.id, 'video');
    const part = await sharing.visit(`${link.path}/video.mp4`, { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${whole.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(10, 20));
    const etag = part.headers.get('etag')!;
    expect((await sharing.visit(`${link.path}/video.mp4`, { 'if-none-match': etag })).status).toBe(304);
    const beyond = await sharing.visit(`${link.path}/video.mp4`, { range: 'bytes=999999-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`]);
    for (const file of BELOW) {
      const head = await sharing.visit(link.path + file, {}, 'HEAD');
      expect([head.status, await head.text()]).toEqual([200, '']);
    }
  });

  it('tells no other site where it is, is in no search engine, and is kept by no cache beyond its end', async () => {
    const short = await sharing.share(sharing.video.id, { expires_in: 30 });
    for (const file of BELOW) {
      const { headers } = await sharing.visit(link.path + file);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-robots-tag')).toBe('noindex');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none';style-src 'sha256-[^']+';img-src 'self';media-src 'self';object-src 'none';/,
      );
      expect(headers.get('cache-control')).toBe('private, max-age=60');
      const [, left] = /^private, max-age=(\d+)$/.exec(
        (await sharing.visit(short.path + file)).headers.get('cache-control')!,
      )!;
      expect(Number(left)).toBeLessThanOrEqual(30);
    }
  });

  it('gives nothing else: no other file, no API, and nothing can be done with it', async () => {
    for (const path of ['/spritesheet.jpg', '/content', '/shares', '/events', '/..%2f..%2fv1%2fvideos']) {
      expect([path, (await sharing.visit(link.path + path)).status]).toEqual([path, 404]);
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect([method, (await sharing.visit(link.path, {}, method)).status]).toEqual([method, 405]);
    }
    const token = link.path.split('/').at(-1)!;
    for (const sent of [token, link.id]) {
      expect((await sharing.visit(`/v1/videos/${sharing.video.id}`, { authorization: `Bearer ${sent}` })).status).toBe(
        401,
      );
    }
    expect((await sharing.visit(link.path)).status).toBe(200);
  });

  it('is under the name that a trusted proxy was asked by', async () => {
    const api = await sharing.another({ trustedProxies: ['loopback'] });
    const response = await fetch(`${api.url}/v1/videos/${sharing.video.id}/share`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer of-alice',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'films.example.com',
      },
    });
    const made = (await response.json()) as VideoShare;
    expect(made.url).toBe(`https://films.example.com${made.path}`);
    // Any process of the service, not its maker alone.
    expect((await sharing.visit(made.path)).status).toBe(200);
    await api.stop();
  });
});

describe('a link that was changed', () => {
  it('is good in no letter but those that were signed', async () => {
    const { path } = await sharing.share(sharing.video.id);
    const dead = await sharing.deadPage();
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
      const response = await sharing.visit(`/share/${one}`);
      expect([one, response.status]).toEqual([one, 404]);
      expect(await response.text()).toBe(dead);
    }
    expect((await sharing.visit(path)).status).toBe(200);
  });

  it('does not last longer, lead to another video, or show the prompt', async () => {
    const another = await sharing.made();
    const { path } = await sharing.share(sharing.video.id);
    const { path: theirs } = await sharing.share(another.id);
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
      await sharing.expectDead(`/share/${changed.join('.')}`);
    }
    await sharing.expectDead(`${path}%ff`);
    expect((await sharing.visit(theirs)).status).toBe(200);
  });

  it('is tried only so many times from one address, while good ones are taken', async () => {
    const api = await sharing.another({ limits: { failedKeys: 5, shareVisits: 20 } });
    const { path } = await sharing.share(sharing.video.id);
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
