import { expect } from 'vitest';
import type { Video, VideoList } from '../../../api/jobs/video-schema.ts';
import type { MarksChange, TagList } from '../../../api/marks/schema.ts';
import { keys } from '../../../storage/keys.ts';
import { untilCancelled } from '../../../tools/harness/services/stand-in-workers.ts';
import type { TestApi } from './api.ts';
import { SharingService } from './sharing-service.ts';

/** A service whose videos are starred and tagged: by Alice, Bob, and the operator `root`. */
export class MarkingService extends SharingService {
  static override async start(options?: Parameters<typeof SharingService.start>[0]): Promise<MarkingService> {
    return (await super.start(options)) as MarkingService;
  }

  /** @returns the answer, which has to be a video */
  async mark(id: string, change: MarksChange): Promise<Video> {
    const response = await this.ask(`/${id}`, 'POST', change);
    expect(response.status).toBe(200);
    return (await response.json()) as Video;
  }

  async get(path: string): Promise<Video> {
    return (await (await this.ask(path)).json()) as Video;
  }

  async list(query: string, account?: string): Promise<VideoList> {
    const response = await this.ask(`?${query}`, 'GET', undefined, account);
    expect(response.status).toBe(200);
    return (await response.json()) as VideoList;
  }

  async tags(query = '', account = 'alice'): Promise<TagList['data']> {
    const headers = { authorization: `Bearer of-${account}` };
    return ((await (await fetch(`${this.service.api.url}/v1/tags${query}`, { headers })).json()) as TagList).data;
  }

  /** A request at another process. */
  askAt({ url }: TestApi, path: string, method = 'GET', body?: object, account = 'alice'): Promise<Response> {
    const headers = { authorization: `Bearer of-${account}`, 'content-type': 'application/json' };
    return fetch(`${url}/v1/videos${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  }

  /** Names of the marks that the store has of a video of Alice's. */
  async marksIn(id: string): Promise<string[]> {
    const prefix = keys.marks('alice', id);
    const found: string[] = [];
    for await (const { key } of this.service.api.artefacts.list(prefix)) found.push(key.slice(prefix.length));
    return found;
  }

  /** Videos are in the making until they are cancelled, or released. */
  holdGenerate(): { release: () => void } {
    this.service.workers.generate = (_input, beat) =>
      untilCancelled(() => beat({ phase: 'denoising', step: 1, steps: 4 }));
    return { release: () => (this.service.workers.generate = async () => {}) };
  }
}
