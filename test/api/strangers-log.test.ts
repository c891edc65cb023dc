import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';

let folder: string;
let api: WorkerProcess;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-strangers-'));
  // Without Temporal, and with a scratch store that cannot be.
  api = new WorkerProcess('api/server.js', {
    API_PORT: '0',
    LOG_LEVEL: 'info',
    SCRATCH_URL: 'file:///proc/kinora',
    ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
    TEMPORAL_ADDRESS: '127.0.0.1:9',
  });
  url = String((await api.saw('Listening'))['url']);
});
afterAll(async () => {
  await api?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('an API that strangers reach', () => {
  it('writes no share link down, by which any reader of the log could watch the video', async () => {
    const from = api.log.length;
    expect((await fetch(`${url}/share/of-a-friend/video.mp4`)).status).toBe(404);
    expect((await fetch(`${url}/SHARE/of-a-friend`, { method: 'DELETE' })).status).toBe(405);
    await api.saw('Request', { matches: ({ path }) => path === '/share/…/video.mp4', from });
    expect(JSON.stringify(api.log)).not.toContain('of-a-friend');
  });

  it('does not let them fill its disk with the lines of refused requests', async () => {
    const address = `${url}/nowhere/${'x'.repeat(7_000)}`;
    for (let i = 0; i < 60; i++) {
      expect((await fetch(address)).status).toBe(404);
      expect((await fetch(`${url}/healthz`, { method: 'DELETE' })).status).toBe(405);
    }
    const lines = api.log.filter(({ msg }) => msg === 'Request');
    expect(lines.map(({ status }) => status)).toEqual(expect.arrayContaining([404, 405]));
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map(({ path }) => String(path).length))).toBeLessThanOrEqual(201);
  });

  it('tells of a store that it cannot use', async () => {
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('the scratch store cannot be used');
  });
});
