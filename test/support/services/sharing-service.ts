import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Video } from '../../../api/jobs/video-schema.ts';
import type { VideoShare } from '../../../api/sharing/schema.ts';
import type { AccountRegistry } from '../../../platform/accounts/registry.ts';
import { keys } from '../../../storage/keys.ts';
import type { EncryptionKey } from '../../../temporal/encryption/keys-file.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi, type TestApiOptions } from './api.ts';
import { StandInService } from './stand-in-service.ts';

export const PROMPT = 'a "red" <b>circle</b> & a square';
/** What there is below a link. */
export const BELOW = ['', '/video.mp4', '/poster.webp'];

export const shareKey = (): EncryptionKey => ({
  id: `key-${randomBytes(4).toString('hex')}`,
  key: randomBytes(32),
});

/** A service whose videos are shared: by Alice, from Bob, and by the operator `root`. */
export class SharingService {
  /** As the file of keys holds them now. */
  keys: EncryptionKey[] = [shareKey()];
  /** As the file of accounts holds them now. */
  accounts: AccountRegistry;
  service!: StandInService;
  /** Finished, and Alice's. */
  video!: Video;

  protected constructor(accounts: AccountRegistry) {
    this.accounts = accounts;
  }

  /** @param options beside its own */
  static async start(options: TestApiOptions = {}): Promise<SharingService> {
    const sharing = new this(
      await testRegistry(
        { id: 'alice', keys: ['of-alice'], limits: { requests_per_minute: null } },
        { id: 'bob', keys: ['of-bob'] },
        { id: 'root', keys: ['of-root'], admin: true },
      ),
    );
    const limits = { failedKeys: 100_000, shareVisits: 100_000 };
    sharing.service = await StandInService.start({ ...sharing.#options(), ...options, apiKey: 'of-alice', limits });
    await sharing.service.workers.startCpuWorker();
    await sharing.service.workers.startGpuWorker();
    sharing.video = await sharing.made();
    return sharing;
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  /** Another process of the same service. */
  another(options: TestApiOptions = {}): Promise<TestApi> {
    const { client, api } = this.service;
    return startTestApi({ ...this.#options(), client: () => client, artefacts: api.artefacts, ...options });
  }

  #options(): TestApiOptions {
    const accounts: AccountRegistry = {
      ...this.accounts,
      byId: (id) => this.accounts.byId(id),
      byKey: (key) => this.accounts.byKey(key),
    };
    return { accounts, shareKeys: () => this.keys };
  }

  /** A finished video of Alice's. */
  async made(): Promise<Video> {
    const { id } = await this.service.create({ prompt: PROMPT });
    return await this.service.finished(id);
  }

  ask(path: string, method = 'GET', body?: object, account = 'alice'): Promise<Response> {
    return this.service.request(path, method, body, { authorization: `Bearer of-${account}` });
  }

  async share(id: string, fields: object = {}): Promise<VideoShare> {
    const response = await this.ask(`/${id}/share`, 'POST', fields);
    expect(response.status).toBe(200);
    return (await response.json()) as VideoShare;
  }

  async sharesOf(id: string): Promise<VideoShare[]> {
    return ((await (await this.ask(`/${id}/shares`)).json()) as { data: VideoShare[] }).data;
  }

  /** What a visitor gets, who sends no key. */
  visit(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    return fetch(new URL(path, this.service.api.url), { headers, method });
  }

  /** The page of a link that was never made. */
  async deadPage(): Promise<string> {
    return await (await this.visit('/share/nothing')).text();
  }

  /** That a link, and all below it, looks like one that was never made. */
  async expectDead(path: string): Promise<void> {
    const dead = await this.deadPage();
    for (const below of BELOW) {
      const response = await this.visit(path + below);
      const { status, headers } = response;
      expect([path + below, status, headers.get('cache-control')]).toEqual([path + below, 404, 'no-store']);
      expect(await response.text()).toBe(dead);
    }
  }

  /** What the artefact store has of a video. */
  async filesOf(id: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of this.service.api.artefacts.list(keys.prefix(id))) found.push(key);
    return found;
  }

  /** What it has of the video's links. */
  async linksOf(id: string): Promise<string[]> {
    return (await this.filesOf(id)).filter((key) => key.startsWith(keys.shares(id)));
  }
}

export const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];
