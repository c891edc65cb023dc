import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3Links } from '../../../storage/links.ts';
import { S3Store } from '../../../storage/s3.ts';
import { contentOf } from '../../../tools/harness/services/stand-in-workers.ts';
import { type S3Server, startS3Server } from '../../../tools/harness/servers/s3-server.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';
import { until } from '../../../tools/harness/patience.ts';

const KEY = { id: 'one', key: Buffer.alloc(32, 1) };

let s3: S3Server;
let store: S3Store;
let service: StandInService;
let id: string;

beforeAll(async () => {
  s3 = await startS3Server();
  store = new S3Store({ bucket: s3.bucket, prefix: 'kinora', ...s3.settings });
  const links = new S3Links(store.url, s3.settings);
  service = await StandInService.start({
    artefacts: store,
    delivery: { links, origin: await links.origin(), linkSeconds: 3600 },
    shareKeys: () => [KEY],
  });
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
  ({ id } = await service.create());
  await service.finished(id);
});
afterAll(async () => {
  await service?.stop();
  await store?.close();
  await s3?.stop();
});

const content = (query = '', init: RequestInit = {}) =>
  fetch(`${service.api.url}/v1/videos/${id}/content${query}`, { redirect: 'manual', ...init });
const linkTo = async (query = '') => new URL((await content(query)).headers.get('location')!);

describeWith('s3')('a link to a finished file', () => {
  it.each(['video', 'thumbnail', 'spritesheet'] as const)(
    "is what OpenAI's client gets for the %s, and follows",
    async (variant) => {
      const response = await service.openai.videos.downloadContent(id, { variant });
      expect(Buffer.from(await response.arrayBuffer())).toEqual(contentOf(id, variant));
      expect(new URL(response.url).origin).toBe(s3.settings.S3_ENDPOINT);
    },
  );

  it('plays from the middle, and has a type and a name to be saved under', async () => {
    const response = await fetch(await linkTo(), { headers: { range: 'bytes=10-19' } });
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([206, 10]);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    expect(response.headers.get('content-disposition')).toMatch(/^inline; filename="video_.*-seed-\d+\.mp4"$/);
  });

  it('is good for an hour, also where the server is five minutes behind, and is never cached', async () => {
    const response = await content();
    expect([response.status, response.headers.get('cache-control')]).toEqual([302, 'no-store']);
    const { searchParams } = new URL(response.headers.get('location')!);
    const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(searchParams.get('X-Amz-Date')!)!;
    const iso = `${date}${time}`.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z');
    const agoS = (Date.now() - Date.parse(iso)) / 1000;
    expect(agoS).toBeGreaterThanOrEqual(299);
    expect(Number(searchParams.get('X-Amz-Expires')) - agoS).toBeLessThanOrEqual(3601);
  });

  it('reads that one object and does nothing else', async () => {
    const link = await linkTo();
    for (const method of ['PUT', 'DELETE', 'POST']) {
      expect([403, 405]).toContain((await fetch(link, { method })).status);
    }
    const other = new URL(link);
    other.pathname = other.pathname.replace('video.mp4', 'thumbnail.webp');
    expect((await fetch(other)).status).toBe(403);
    const longer = new URL(link);
    longer.searchParams.set('X-Amz-Expires', '86400');
    expect((await fetch(longer)).status).toBe(403);
    expect((await fetch(link)).status).toBe(200);
  });

  it('is not given to who cannot follow it and asks for the file itself', async () => {
    const response = await content('?variant=thumbnail&delivery=proxy');
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(contentOf(id, 'thumbnail'));
  });

  it('is not needed for HEAD, which the API answers itself', async () => {
    const response = await content('?variant=thumbnail', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp']);
  });

  it('is not what visitors of a share link get: it would be good for longer than theirs', async () => {
    const made = await service.request(`/${id}/share`, 'POST');
    const { url, id: shareId } = (await made.json()) as { url: string; id: string };
    const video = await fetch(`${url}/video.mp4`, { redirect: 'manual' });
    expect([video.status, Buffer.from(await video.arrayBuffer())]).toEqual([200, contentOf(id, 'video')]);
    const { data } = (await (await service.request(`/${id}/shares`)).json()) as { data: { url: string }[] };
    expect(data.map((share) => share.url)).toEqual([url]);
    expect((await service.request(`/${id}/shares/${shareId}`, 'DELETE')).status).toBe(200);
    expect((await fetch(`${url}/video.mp4`)).status).toBe(404);
  });

  it('that has leaked is worth nothing once the video is deleted', async () => {
    const link = await linkTo();
    await service.openai.videos.delete(id);
    // A delete is answered before all is gone where that takes long.
    await until(async () => (await fetch(link)).status !== 200);
    expect((await fetch(link)).status).toBe(404);
    expect((await content()).status).toBe(404);
  });
});
