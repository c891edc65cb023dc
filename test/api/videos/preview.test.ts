import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { encodePreview } from '../../../gpu-worker/previews/encode-preview.ts';
import { keys } from '../../../storage/keys.ts';
import { testRegistry } from '../../../tools/harness/services/accounts.ts';
import type { TestApi } from '../../support/services/api.ts';
import { StandInService } from '../../support/services/stand-in-service.ts';

let service: StandInService;
let api: TestApi;
let finish: () => void;

beforeAll(async () => {
  const accounts = await testRegistry({ id: 'alice', keys: ['of-alice'] }, { id: 'bob', keys: ['of-bob'] });
  service = await StandInService.start({ accounts });
  ({ api } = service);
  await service.workers.startCpuWorker();
  await service.workers.startGpuWorker();
});
afterAll(async () => {
  finish?.();
  await service?.stop();
});

type Init = Omit<RequestInit, 'headers'> & { headers?: Record<string, string>; name?: string };
const ask = (path: string, { name = 'alice', headers, ...init }: Init = {}) =>
  fetch(`${api.url}/v1/videos${path}`, { ...init, headers: { ...headers, authorization: `Bearer of-${name}` } });
const json = async (path: string, init?: Init) => (await (await ask(path, init)).json()) as Record<string, unknown>;
const create = async () => {
  const headers = { 'content-type': 'application/json' };
  const { id } = await json('', { method: 'POST', headers, body: '{"prompt": "a red circle"}' });
  return id as string;
};

/** What a worker stores after a step. */
async function store(id: string, step: number): Promise<Uint8Array> {
  const jpeg = await encodePreview({ data: new Uint8Array(12 * 8 * 3).fill(step), width: 12, height: 8 }, step);
  await api.scratch.put(keys.preview(id), jpeg);
  return jpeg;
}

/** Waits until the Video object shows the value. */
async function until(id: string, key: string, value: unknown): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); (await json(`/${id}`))[key] !== value; await pause()) {
    if (Date.now() > end) throw new Error(`${key} does not become ${String(value)}`);
  }
}

describe('a preview', () => {
  it('shows the newest step to who may see the video, as long as it is made', async () => {
    const shown: number[] = [];
    let beat!: (step: number) => void;
    service.workers.generate = async (_input, send) => {
      beat = (previewStep) => send({ phase: 'denoising', step: previewStep, previewStep });
      send({ phase: 'denoising', step: 1 });
      await new Promise<void>((resolve) => (finish = resolve));
    };
    const id = await create();
    expect(await json(`/${id}/preview`)).toMatchObject({ error: { code: 'preview_not_available' } });
    await until(id, 'status', 'in_progress');
    expect((await ask(`/${id}/preview`)).status).toBe(404);
    expect(await json(`/${id}`)).toMatchObject({ preview_step: null });

    for (const step of [2, 5]) {
      const jpeg = await store(id, step);
      beat(step);
      await until(id, 'preview_step', step);
      const response = await ask(`/${id}/preview`);
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'image/jpeg',
        'cache-control': 'no-cache',
        'x-preview-step': String(step),
      });
      shown.push(Number(response.headers.get('x-preview-step')));
      expect(Buffer.from(await response.arrayBuffer()).equals(jpeg)).toBe(true);

      const headers = { 'if-none-match': response.headers.get('etag')! };
      expect((await ask(`/${id}/preview`, { headers })).status).toBe(304);
      const head = await ask(`/${id}/preview`, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(jpeg.length)]);
    }
    expect(shown).toEqual([2, 5]);
    expect((await ask(`/${id}/preview`, { name: 'bob' })).status).toBe(404);

    finish();
    await until(id, 'status', 'completed');
    expect(await json(`/${id}/preview`)).toMatchObject({ error: { code: 'preview_not_available' } });
    expect(await json(`/${id}`)).toMatchObject({ preview_step: null });
  });
});
