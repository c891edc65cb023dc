import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import type { VideoList } from '../../../api/jobs/video-schema.ts';
import { newVideoId } from '../../../api/jobs/video-object.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { temporalEnv } from '../../../temporal/config.ts';
import { connectClient } from '../../../temporal/connection.ts';
import { openEncryption } from '../../../temporal/encryption/payload-encryption.ts';
import { startVideo } from '../../../temporal/start-video.ts';
import { jobOf } from '../../../tools/harness/model/clips.ts';
import { TemporalHarness } from '../../../tools/harness/services/temporal-harness.ts';
import { startTestApi } from '../../support/services/api.ts';
import { encryptionKey, writeEncryptionKeys } from '../../support/services/encryption-keys.ts';
import { until } from '../../../tools/harness/patience.ts';

const [first, second] = [encryptionKey('first-key'), encryptionKey('second-key')];
const log = createLogger('test', 'silent');
let folder: string;
let temporal: TemporalHarness;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-encrypted-search-'));
  temporal = await TemporalHarness.start();
});
afterAll(async () => {
  await temporal?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Does something as a process with these keys would. */
async function withKeys<T>(keys: (typeof first)[], work: (client: Client) => Promise<T>): Promise<T> {
  const file = join(folder, 'keys.json');
  if (keys.length > 0) await writeEncryptionKeys(file, ...keys);
  const encryption = await openEncryption({ ...(keys.length > 0 && { ENCRYPTION_KEYS_FILE: file }) }, log);
  const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: temporal.server.address });
  const client = await connectClient(config, { log, encryption });
  try {
    return await work(client);
  } finally {
    await client.connection.close();
    encryption.close();
  }
}

async function start(prompt: string, ...keys: (typeof first)[]): Promise<string> {
  const input = jobOf(newVideoId(), { prompt });
  await withKeys(keys, (client) => startVideo(client, input));
  await until(async () => (await temporal.client.workflow.count(`WorkflowId = "${input.videoId}"`)).count !== 0);
  return input.videoId;
}

const entriesOf = (id: string): Promise<string[]> =>
  withKeys([first, second], async (client) => {
    const { searchAttributes } = await client.workflow.getHandle(id).describe();
    return searchAttributes['Words'] as string[];
  });

const found = (q: string, ...keys: (typeof first)[]): Promise<string[]> =>
  withKeys(keys, async (client) => {
    const queries: string[] = [];
    const list = client.workflow.list.bind(client.workflow);
    client.workflow.list = (options) => (queries.push(options!.query!), list(options));
    // Where it counts none there is nothing to be listed.
    const count = client.workflow.count.bind(client.workflow);
    client.workflow.count = (query) => (queries.push(query!), count(query));
    const api = await startTestApi({ client: () => client });
    const { data } = (await (await fetch(`${api.url}/v1/videos?q=${q}`)).json()) as VideoList;
    await api.stop();
    expect(queries.join()).toContain('Words');
    if (keys.length > 0) expect(queries.join()).not.toContain(q);
    return data.map(({ id }) => id);
  });

describe('where prompts are encrypted, a search', () => {
  it('finds what each key of the file has encrypted, and tells Temporal no word', async () => {
    const old = await start('a violet kingfisher', first);
    const recent = await start('a violet heron', second);
    expect(await found('violet', second, first)).toEqual([recent, old]);
    expect(await found('violets', second, first)).toEqual([]);
    expect(await found('kingf', second, first)).toEqual([old]);
    // Its prompt cannot be read, so nobody can say whether it has the word.
    expect(await found('violet', second)).toEqual([recent]);

    const entries = await entriesOf(old);
    const others = await entriesOf(recent);
    expect(entries).toHaveLength(9);
    for (const entry of [...entries, ...others]) expect(entry).toMatch(/^[\w-]{4}$/);
    // Keys that have nothing in common: the same word is another one under each of them.
    expect(entries.filter((entry) => others.includes(entry))).toEqual([]);
    expect(entries).toEqual(entries.toSorted());
  });

  it('does not find what was not encrypted: its word would have to be told', async () => {
    const plain = await start('a vermilion ibis');
    expect(await found('vermilion')).toEqual([plain]);
    expect(await found('vermilion', first)).toEqual([]);
    expect(await entriesOf(plain)).toEqual(expect.arrayContaining(['v', 'ver', 'vermi']));
  });
});
