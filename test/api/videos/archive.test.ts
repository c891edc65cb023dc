import { once } from 'node:events';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBufferPromise, type ZipFile } from 'yauzl';
import { storedZip } from '../../../api/videos/stored-zip.ts';
import { keys } from '../../../storage/keys.ts';
import { LocalStore } from '../../../storage/local.ts';
import { contentOf } from '../../../tools/harness/services/stand-in-workers.ts';
import { MarkingService } from '../../support/services/marking-service.ts';
import { codeOf } from '../../support/services/sharing-service.ts';

let service: MarkingService;
/** Alice's, finished: the first two have the same prompt and seed. */
const ids: string[] = [];
beforeAll(async () => {
  service = await MarkingService.start();
  for (const prompt of ['A cat: on /../ the roof?', 'a CAT on the roof', '夜の街 🌃', '🌃']) {
    const { id } = await service.service.create({ prompt, seed: 7 });
    await service.service.finished(id);
    ids.push(id);
  }
});
afterAll(() => service?.stop());

const archive = (of: readonly string[], method = 'GET', account = 'alice') =>
  service.ask(`/archive?ids=${of.join(',')}`, method, undefined, account);

/** Names and contents, read with what reads a ZIP from its end. */
async function filesIn(zip: Buffer): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  const opened: ZipFile = await fromBufferPromise(zip);
  for await (const entry of opened.eachEntry()) {
    expect(entry.compressionMethod).toBe(0);
    expect(Object.keys(files)).not.toContain(entry.fileName);
    files[entry.fileName] = await buffer(await opened.openReadStreamPromise(entry));
  }
  return files;
}

describe('several videos at once', () => {
  it('come as one ZIP of the very files, each under a name of its own that says prompt and seed', async () => {
    const response = await archive([...ids, ids[0]!]);
    expect(response.status).toBe(200);
    const zip = Buffer.from(await response.arrayBuffer());
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(zip.length),
      'content-disposition': 'attachment; filename="kinora-videos.zip"',
      'cache-control': 'no-store',
    });
    const names = [
      'A-cat-on-the-roof-seed-7.mp4',
      'a-CAT-on-the-roof-seed-7-2.mp4',
      '夜の街-seed-7.mp4',
      'video-seed-7.mp4',
    ];
    const wanted = names.map((name, i) => [name, contentOf(ids[i]!, 'video')] as const);
    expect(await filesIn(zip)).toEqual(Object.fromEntries(wanted));
    const head = await archive(ids, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(zip.length)]);
  });

  it('come without those that cannot be had, and the ZIP says why', async () => {
    const gone = await service.made();
    await service.service.api.artefacts.delete(keys.variant(gone.id, 'video'));
    const { release } = service.holdGenerate();
    const unfinished = await service.service.create();
    const zip = await archive([unfinished.id, ids[2]!, gone.id, 'video_none']);
    const { 'missing.txt': missing, ...others } = await filesIn(Buffer.from(await zip.arrayBuffer()));
    expect(Object.keys(others)).toEqual(['夜の街-seed-7.mp4']);
    expect(missing!.toString().split('\n')).toEqual([
      expect.stringMatching(`^${unfinished.id}: The video is not finished yet`),
      `${gone.id}: The files of this video have been removed.`,
      'video_none: There is no video with that id.',
      '',
    ]);
    await service.ask(`/${unfinished.id}/cancel`, 'POST');
    release();
  });

  it("are one's own: where none is, or is there, the answer is 404", async () => {
    expect(await codeOf(await archive(ids, 'GET', 'bob'))).toEqual([404, 'video_not_found']);
    expect((await archive(ids, 'GET', 'root')).status).toBe(200);
    expect(await codeOf(await archive(['video_none']))).toEqual([404, 'video_not_found']);
  });

  it.each([
    ['', 'missing_required_parameter'],
    ['?ids=', 'missing_required_parameter'],
    ['?ids=,', 'invalid_value'],
    ['?ids=../../etc/passwd', 'invalid_value'],
    ['?ids=video_%00', 'invalid_value'],
    [`?ids=${Array.from({ length: 101 }, (_, i) => `video_${i}`).join()}`, 'invalid_value'],
  ])('are named by ids, and nothing else: %.40s', async (query, code) => {
    const response = await service.ask(`/archive${query}`);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code, param: 'ids' } }]);
  });

  it('are no longer read once the client has gone', async () => {
    const endless = new EndlessStore(service.service.api.artefacts as LocalStore);
    const api = await service.another({ artefacts: endless });
    const asked = request(`${api.url}/v1/videos/archive?ids=${ids.join()}`, {
      headers: { authorization: 'Bearer of-alice' },
    }).end();
    asked.on('error', () => {});
    const [response] = (await once(asked, 'response')) as [Readable];
    await once(response, 'data');
    while (endless.open === 0) await sleep(20);
    asked.destroy();
    while (endless.open > 0) await sleep(20);
    expect(endless.opened).toBe(1);
    await api.stop();
  });
});

describe('a ZIP', () => {
  it('is made as it is read: nothing of a large file is held', async () => {
    let made = 0;
    const body = Readable.from(
      (function* () {
        for (; made < 1000; made++) yield Buffer.alloc(1_000_000);
      })(),
      { objectMode: false },
    );
    const { stream, bytes } = storedZip([
      { name: 'large.mp4', bytes: 1000 * 1_000_000, modifiedAt: 1_790_000_000, open: async () => body },
    ]);
    await sleep(200);
    expect(made).toBeLessThan(10);
    let seen = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) seen += chunk.length;
    expect([seen, made]).toEqual([bytes, 1000]);
  });

  it('breaks off where a file cannot be read, instead of being another one', async () => {
    const open = () => Promise.reject(new Error('the store is gone'));
    const { stream } = storedZip([{ name: 'a.mp4', bytes: 5, modifiedAt: 0, open }]);
    await expect(buffer(stream)).rejects.toThrow('the store is gone');
    const short = storedZip([
      { name: 'a.mp4', bytes: 5, modifiedAt: 0, open: async () => Readable.from([Buffer.from('abc')]) },
    ]);
    await expect(buffer(short.stream)).rejects.toThrow(/unexpected number of bytes/);
  });
});

/** The same folder, whose files do not end. */
class EndlessStore extends LocalStore {
  open = 0;
  opened = 0;

  constructor(store: LocalStore) {
    super(new URL(store.url).pathname);
  }

  override async get(key: string): ReturnType<LocalStore['get']> {
    const { info, body } = await super.get(key);
    body.destroy();
    this.open++;
    this.opened++;
    const endless = new Readable({ read: () => void setTimeout(() => endless.push(Buffer.alloc(1000)), 10) });
    endless.once('close', () => this.open--);
    return { info, body: endless };
  }
}
