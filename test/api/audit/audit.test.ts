import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { hashOf } from '../../../platform/accounts/account.ts';
import { openAuditLog } from '../../../platform/audit/audit-log.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { accountsText, testRegistry } from '../../../tools/harness/services/accounts.ts';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { encryptionKey, writeEncryptionKeys } from '../../support/services/encryption-keys.ts';
import { WholeService } from '../../../tools/harness/services/whole-service.ts';

const PROMPT = 'a very secret purple elephant';

type Line = Record<string, unknown> & { action: string };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-audit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const linesOf = async (file: string): Promise<Line[]> =>
  (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/** Waits for a line of the trail. */
async function lineOf(file: string, fits: (line: Line) => boolean): Promise<Line> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); ; await pause()) {
    const found = (await linesOf(file)).find(fits);
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`no such line in ${await readFile(file, 'utf8')}`);
  }
}

const keyOf = (key: string) => hashOf(key).toString('hex').slice(0, 12);

describe('an operator who asks who did it', () => {
  let service: WholeService;
  let audit: string;
  let accounts: string;
  const users = [
    { id: 'alice', keys: ['key-of-alice'] },
    { id: 'root', keys: ['key-of-root'], admin: true },
  ];
  beforeAll(async () => {
    audit = join(folder, 'audit.log');
    accounts = join(folder, 'accounts.json');
    await writeFile(accounts, accountsText(...users));
    const encryption = join(folder, 'encryption.json');
    await writeEncryptionKeys(encryption, encryptionKey('one'));
    service = await WholeService.start({
      API_KEYS_FILE: accounts,
      AUDIT_LOG_FILE: audit,
      ENCRYPTION_KEYS_FILE: encryption,
    });
  });
  afterAll(() => service?.stop());

  const send = async (method: string, path: string, key: string | null, body?: object) => {
    const response = await fetch(`${service.service.apiUrl}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-request-id': `of_${method}_${path.replace(/\W/g, '_')}`,
        ...(key !== null && { authorization: `Bearer ${key}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as { id: string; group?: string[]; group_id: string };
  };

  it('reads of each thing that was done: by whom, with which key, from where, to which video, and how it ended', async () => {
    const { id } = await send('POST', '/v1/videos', 'key-of-alice', { prompt: PROMPT, negative_prompt: PROMPT });
    await send('POST', `/v1/videos/${id}/cancel`, 'key-of-alice');
    await send('POST', `/v1/videos/${id}/retry`, 'key-of-alice');
    await send('POST', '/v1/videos/retry', 'key-of-root', {});
    await send('POST', `/v1/videos/${id}/share`, 'key-of-alice');
    await send('DELETE', `/v1/videos/${id}/shares/share_0`, 'key-of-alice');
    await send('DELETE', `/v1/videos/${id}`, 'key-of-root');
    const { group, group_id } = await send('POST', '/v1/videos', 'key-of-alice', { prompt: PROMPT, n: 2 });
    await send('POST', `/v1/videos/groups/${group_id}/cancel`, 'key-of-alice');
    await send('POST', `/v1/videos/groups/${group_id}/retry`, 'key-of-alice');
    await send('POST', '/codec/decode', 'key-of-root', { payloads: [] });
    const by = (name: string) => ({ account: name, key: keyOf(`key-of-${name}`), address: '127.0.0.1', audit: true });
    const expected: Record<string, object> = {
      'video.create': { ...by('alice'), video: id, status: 200, error: null, request_id: 'of_POST__v1_videos' },
      'video.cancel': { ...by('alice'), video: id, status: 200 },
      'video.retry': { ...by('alice'), video: id },
      'videos.retry': { ...by('root'), videos: expect.any(Array), status: 200 },
      'video.share': { ...by('alice'), video: id, error: expect.stringMatching(/^video_/) },
      'video.unshare': { ...by('alice'), video: id, status: 404, error: 'share_not_found' },
      'video.delete': { ...by('root'), video: id, status: 200 },
      'group.cancel': { ...by('alice'), group: group_id, videos: group, status: 200 },
      'group.retry': { ...by('alice'), group: group_id },
      'codec.decode': { ...by('root'), status: 200 },
    };
    for (const [action, line] of Object.entries(expected)) {
      expect(await lineOf(audit, (found) => found.action === action)).toMatchObject(line);
    }
    const ofAll = await lineOf(audit, ({ action, video }) => action === 'video.create' && video === group![0]);
    expect(ofAll).toMatchObject({ videos: group });
  });

  it('reads of what was refused, and of keys that came and went', async () => {
    await send('POST', '/v1/videos', 'no-such-key', { prompt: PROMPT });
    await send('POST', '/v1/videos/retry', 'key-of-alice', {});
    await send('POST', '/v1/videos', 'key-of-alice', { prompt: PROMPT, size: 'none' });
    expect(await lineOf(audit, ({ status }) => status === 401)).toMatchObject({
      action: 'video.create',
      account: null,
      error: 'invalid_api_key',
    });
    expect(await lineOf(audit, ({ status }) => status === 403)).toMatchObject({
      action: 'videos.retry',
      account: 'alice',
    });
    expect(await lineOf(audit, ({ action, status }) => action === 'video.create' && status === 400)).toMatchObject({
      error: 'invalid_value',
    });
    await writeFile(accounts, accountsText({ id: 'alice', keys: ['another-key'] }, users[1]!));
    expect(await lineOf(audit, ({ action }) => action === 'key.add')).toMatchObject({
      account: 'alice',
      key: keyOf('another-key'),
    });
    expect(await lineOf(audit, ({ action }) => action === 'key.remove')).toMatchObject({
      account: 'alice',
      key: keyOf('key-of-alice'),
    });
  });

  it('finds no prompt and no key in it, and goes on in a new file when it is archived', async () => {
    const text = await readFile(audit, 'utf8');
    expect(text).not.toMatch(/elephant|key-of-|another-key|no-such-key/);
    await rename(audit, `${audit}.1`);
    await send('POST', '/v1/videos/video_0/cancel', 'key-of-root');
    expect(await lineOf(audit, ({ action }) => action === 'video.cancel')).toMatchObject({ status: 404 });
  });
});

describe('a flood of refused requests', () => {
  let api: TestApi;
  let audit: string;
  const stopping = new AbortController();
  beforeAll(async () => {
    audit = join(folder, 'flooded.log');
    api = await startTestApi({
      accounts: await testRegistry({ id: 'alice', keys: ['of-alice'] }),
      audit: { log: await openAuditLog(audit, createLogger('test', 'silent')), address: 'truncated' },
      stopping: stopping.signal,
    });
  });
  afterAll(() => api.stop());

  it('leaves a few lines and how many there were, not a full disk', async () => {
    for (let request = 0; request < 200; request++) {
      await fetch(`${api.url}/v1/videos/x/${'y'.repeat(1000)}`, { method: 'POST' }).then((response) => response.text());
    }
    stopping.abort();
    expect(await lineOf(audit, ({ more }) => more !== undefined)).toMatchObject({
      status: 401,
      more: 195,
      address: '127.0.0.0',
    });
    const lines = await linesOf(audit);
    expect(lines).toHaveLength(6);
    expect(JSON.stringify(lines[0]).length).toBeLessThan(500);
  });
});
