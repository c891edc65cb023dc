import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStore } from '../../../storage/local.ts';
import type { EncryptionKey } from '../../../temporal/encryption/keys-file.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import { codeOf, shareKey, SharingService } from '../../support/services/sharing-service.ts';
import { until } from '../../../tools/harness/patience.ts';

let sharing: SharingService;
beforeAll(async () => {
  sharing = await SharingService.start();
});
afterAll(() => sharing?.stop());

describe('a link', () => {
  it('ends when it was to', async () => {
    const { path, expires_at } = await sharing.share(sharing.video.id, { expires_in: 2 });
    while (Date.now() / 1000 < expires_at) {
      const { status } = await sharing.visit(path);
      if (Date.now() / 1000 < expires_at) expect(status).toBe(200);
      await sleep(50);
    }
    await sharing.expectDead(path);
    expect(await sharing.sharesOf(sharing.video.id)).not.toContainEqual(expect.objectContaining({ path }));
    expect((await sharing.linksOf(sharing.video.id)).filter((name) => name.includes(String(expires_at)))).toEqual([]);
  });

  it('ends when it is revoked, and the others go on', async () => {
    const [first, second] = [await sharing.share(sharing.video.id), await sharing.share(sharing.video.id)];
    expect((await sharing.visit(first.path)).status).toBe(200);
    const shares = await sharing.sharesOf(sharing.video.id);
    expect(shares).toEqual(expect.arrayContaining([first, second]));
    const revoked = await sharing.ask(`/${sharing.video.id}/shares/${first.id}`, 'DELETE');
    expect(await revoked.json()).toEqual({ id: first.id, object: 'video.share.deleted', deleted: true });
    await sharing.expectDead(first.path);
    expect((await sharing.visit(second.path)).status).toBe(200);
    expect(await sharing.sharesOf(sharing.video.id)).not.toContainEqual(first);
    const again = await sharing.ask(`/${sharing.video.id}/shares/${first.id}`, 'DELETE');
    expect(await codeOf(again)).toEqual([404, 'share_not_found']);
  });

  it('ends at every process within a second when it is revoked at one', async () => {
    const made = await sharing.share(sharing.video.id);
    const api = await sharing.another();
    expect((await fetch(api.url + made.path)).status).toBe(200);
    await sharing.ask(`/${sharing.video.id}/shares/${made.id}`, 'DELETE');
    await until(async () => (await fetch(api.url + made.path)).status !== 200);
    expect((await fetch(api.url + made.path)).status).toBe(404);
    await api.stop();
  });

  it('ends with its video, of which nothing is left in the store', async () => {
    const { id } = await sharing.made();
    const { path } = await sharing.share(id);
    expect(await sharing.linksOf(id)).toHaveLength(1);
    await sharing.service.openai.videos.delete(id);
    await sharing.expectDead(path);
    await until(async () => (await sharing.linksOf(id)).length === 0);
    expect(await codeOf(await sharing.ask(`/${id}/shares`))).toEqual([404, 'video_not_found']);
    expect(await codeOf(await sharing.ask(`/${id}/share`, 'POST'))).toEqual([404, 'video_not_found']);
  });

  it('ends with its account', async () => {
    const { path } = await sharing.share(sharing.video.id);
    const { accounts } = sharing;
    sharing.accounts = await testRegistry({ id: 'bob', keys: ['of-bob'] });
    await sharing.expectDead(path);
    sharing.accounts = accounts;
    expect((await sharing.visit(path)).status).toBe(200);
  });

  it('is good for as long as the key is there that signed it', async () => {
    const [old] = sharing.keys as [EncryptionKey];
    const { path } = await sharing.share(sharing.video.id);
    const next = shareKey();
    sharing.keys = [next, old];
    expect((await sharing.visit(path)).status).toBe(200);
    const { path: newer } = await sharing.share(sharing.video.id);
    sharing.keys = [next];
    await sharing.expectDead(path);
    expect((await sharing.visit(newer)).status).toBe(200);
    // Listed with the key that signs now: so it can be sent again.
    const again = (await sharing.sharesOf(sharing.video.id)).find((one) => one.path.includes(path.split('.').at(-2)!))!;
    expect((await sharing.visit(again.path)).status).toBe(200);
    // A key of another kind of things signs no link.
    sharing.keys = [shareKey()];
    await sharing.expectDead(newer);
    sharing.keys = [old];
  });
});

describe('who may share', () => {
  it('is the account whose video it is, and an operator; others find no such video', async () => {
    const link = await sharing.share(sharing.video.id);
    for (const [path, method] of [
      ['share', 'POST'],
      ['shares', 'GET'],
      [`shares/${link.id}`, 'DELETE'],
    ] as const) {
      expect(await codeOf(await sharing.ask(`/${sharing.video.id}/${path}`, method, undefined, 'bob'))).toEqual([
        404,
        'video_not_found',
      ]);
    }
    expect((await sharing.ask(`/${sharing.video.id}/share`, 'POST', {}, 'root')).status).toBe(200);
    expect((await sharing.ask(`/${sharing.video.id}/shares`, 'GET', undefined, 'root')).status).toBe(200);
    expect((await sharing.ask(`/${sharing.video.id}/shares/${link.id}`, 'DELETE', undefined, 'root')).status).toBe(200);
    const none = await fetch(`${sharing.service.api.url}/v1/videos/${sharing.video.id}/share`, { method: 'POST' });
    expect(none.status).toBe(401);
  });

  it('is told which field is wrong', async () => {
    for (const [fields, param] of [
      [{ expires_in: 0 }, 'expires_in'],
      [{ expires_in: 365 * 86_400 + 1 }, 'expires_in'],
      [{ expires_in: 'tomorrow' }, 'expires_in'],
      [{ show_prompt: 'yes' }, 'show_prompt'],
    ] as const) {
      const response = await sharing.ask(`/${sharing.video.id}/share`, 'POST', fields);
      expect([response.status, await response.json()]).toEqual([
        400,
        { error: expect.objectContaining({ code: 'invalid_value', param }) },
      ]);
    }
    expect((await sharing.share(sharing.video.id, { expires_in: 365 * 86_400 })).expires_at).toBe(
      sharing.video.expires_at,
    );
  });

  it('has to wait for the video, and cannot share one that failed', async () => {
    sharing.service.workers.generate = (_input, beat) =>
      untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    const { id } = await sharing.service.create();
    expect(await codeOf(await sharing.ask(`/${id}/share`, 'POST'))).toEqual([400, 'video_not_ready']);
    await sharing.ask(`/${id}/cancel`, 'POST');
    await sharing.service.finished(id);
    sharing.service.workers.generate = async () => {};
    expect(await codeOf(await sharing.ask(`/${id}/share`, 'POST'))).toEqual([400, 'video_generation_failed']);
    expect(await sharing.linksOf(id)).toEqual([]);
  });

  it('is told where the service has no keys for it', async () => {
    const api = await sharing.another({ shareKeys: undefined });
    for (const [path, method] of [
      ['share', 'POST'],
      ['shares', 'GET'],
    ] as const) {
      const headers = { authorization: 'Bearer of-alice' };
      const response = await fetch(`${api.url}/v1/videos/${sharing.video.id}/${path}`, { method, headers });
      expect(await codeOf(response)).toEqual([404, 'unsupported_endpoint']);
    }
    const { path } = await sharing.share(sharing.video.id);
    expect((await fetch(api.url + path)).status).toBe(404);
    await api.stop();
  });

  it('has a hundred links to a video at most', async () => {
    const { id } = await sharing.made();
    for (let i = 0; i < 100; i++) await sharing.share(id);
    expect(await codeOf(await sharing.ask(`/${id}/share`, 'POST'))).toEqual([400, 'too_many_shares']);
    const [newest] = await sharing.sharesOf(id);
    await sharing.ask(`/${id}/shares/${newest!.id}`, 'DELETE');
    await sharing.share(id);
  });
});

describe('a link that is made while its video is deleted', () => {
  it('is refused, and leaves nothing behind', async () => {
    const { id } = await sharing.made();
    // Written only once the delete has been through with the video's files.
    const late = new LateStore(sharing.service.api.artefacts as LocalStore, async () => {
      await sharing.service.openai.videos.delete(id);
      await until(async () => (await sharing.filesOf(id)).length === 0);
    });
    const api = await sharing.another({ artefacts: late });
    const response = await fetch(`${api.url}/v1/videos/${id}/share`, {
      method: 'POST',
      headers: { authorization: 'Bearer of-alice' },
    });
    expect(await codeOf(response)).toEqual([404, 'video_not_found']);
    expect(await sharing.filesOf(id)).toEqual([]);
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
