import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS, pauses } from '../../../tools/harness/patience.ts';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { startVideo } from '../../../temporal/start-video.ts';
import { newVideoId } from '../../../api/jobs/video-object.ts';
import { temporalEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { connectClient } from '../../../temporal/connection.ts';
import { openEncryption } from '../../../temporal/encryption/payload-encryption.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { jobOf } from '../../../tools/harness/model/clips.ts';
import { encryptionKey, writeEncryptionKeys } from '../../support/services/encryption-keys.ts';
import { type Receiver, startReceiver } from '../../support/servers/receiver.ts';
import { onPostgres } from '../../../tools/harness/servers/test-temporal.ts';
import type { VideoAnswer, WholeService } from '../../../tools/harness/services/whole-service.ts';
import {
  filesWith,
  LONG_MARKED,
  MARKED,
  MARKER,
  startTalkativeService,
} from '../../support/services/marked-service.ts';

const [first, second] = [encryptionKey('first-key'), encryptionKey('second-key')];
let folder: string;
let keysFile: string;
let receiver: Receiver;
let kinora: WholeService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-encryption-'));
  keysFile = join(folder, 'keys.json');
  await writeEncryptionKeys(keysFile, first);
  receiver = await startReceiver();
  kinora = await startTalkativeService(receiver, { ENCRYPTION_KEYS_FILE: keysFile });
});
afterAll(async () => {
  await kinora?.stop();
  await receiver?.close();
  await rm(folder, { recursive: true, force: true });
});

async function until<T>(look: () => Promise<T | null> | T | null, what: string): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS, pause = pauses(); Date.now() < end; await pause()) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`not within a minute: ${what}`);
}

const ended = (id: string): Promise<VideoAnswer> =>
  until(async () => {
    const video = await answer(`/v1/videos/${id}`);
    return video.status === 'completed' || video.status === 'failed' ? video : null;
  }, `the end of ${id}`);

async function answer(path: string): Promise<VideoAnswer & { data: VideoAnswer[] }> {
  return (await (await fetch(`${kinora.service.apiUrl}${path}`)).json()) as VideoAnswer & { data: VideoAnswer[] };
}

async function temporal(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    await findTemporalCli(),
    [...args, '--address', kinora.temporalAddress, '--output', 'json'],
    { maxBuffer: 64_000_000 },
  );
  return stdout;
}

/** Names of the service's files that hold this text; those of the two stores aside. */
const toldBy = async (text: string): Promise<string[]> =>
  (await filesWith(kinora.folder, text)).filter((name) => !/^(scratch|artefacts|tmp)\//.test(name));

interface JsonPayload {
  metadata: { encoding: string; type?: string; 'encryption-place'?: string };
  data: string;
}

/**
 * Every payload of a history, search attributes (which have a type) and the SDK's own notes of local activities and patches
 * aside.
 */
function payloadsOf(history: string): JsonPayload[] {
  const found: JsonPayload[] = [];
  JSON.parse(history, (_, value: JsonPayload | null) => {
    if (value?.metadata?.encoding !== undefined && value.metadata.type === undefined) found.push(value);
    return value;
  });
  return found.filter(({ data }) => !SDKS_OWN.test(plain(data)));
}

/** What the SDK notes in markers: a local activity's number and type, the name of a patch. */
const SDKS_OWN = /^\{"seq":|^\{"id":"[a-z-]+","deprecated":/;

const plain = (base64: string) => Buffer.from(base64, 'base64').toString();

/** A video that fails in the line: the API lets no such thing pass. Started as the API starts one. */
async function aFailedVideo(): Promise<VideoAnswer> {
  const log = createLogger('test', 'silent');
  const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: kinora.temporalAddress, ENCRYPTION_KEYS_FILE: keysFile });
  const encryption = await openEncryption(config, log);
  const client = await connectClient(config, { log, encryption });
  const { prompt, negative_prompt: negativePrompt } = MARKED;
  const input = jobOf(newVideoId(), { prompt, negativePrompt, model: 'another' });
  await startVideo(client, input);
  const video = await ended(input.videoId);
  await client.connection.close();
  encryption.close();
  return video;
}

describe('with encryption on, a reader of what Temporal keeps, of the logs and of the metrics', () => {
  const videos: Record<string, VideoAnswer> = {};
  beforeAll(async () => {
    const again = { 'idempotency-key': 'one' };
    const completed = await kinora.create(MARKED, again);
    videos['completed'] = await ended(completed.id);
    videos['replayed'] = await kinora.create(MARKED, again);
    videos['failed'] = await aFailedVideo();
    const cancelled = await kinora.create(LONG_MARKED);
    await kinora.until(cancelled.id, ({ phase }) => phase === 'denoising');
    await kinora.cancel(cancelled.id);
    videos['cancelled'] = await ended(cancelled.id);
    await until(() => (receiver.received.length >= 3 ? true : null), 'three webhooks');
  });

  it('the line works as without', () => {
    const { completed, replayed, failed, cancelled } = videos;
    expect(completed).toMatchObject({ status: 'completed', prompt: MARKED.prompt });
    expect(replayed).toMatchObject({ id: completed!.id, status: 'completed' });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'model_not_found' } });
    expect(cancelled).toMatchObject({ status: 'failed', error: { code: 'cancelled' } });
  });

  it('finds no word of a prompt', async () => {
    // What is not secret is found by the same search.
    expect(await toldBy(videos['completed']!.id)).toEqual(
      expect.arrayContaining([
        // PostgreSQL's files are those of other suites too.
        ...(onPostgres() ? [] : [expect.stringMatching(/^temporal\.db/)]),
        'logs/gpu-worker.log',
        'logs/cpu-worker.log',
      ]),
    );
    expect(await toldBy(MARKER)).toEqual([]);
    // Three bytes are four letters, so in base64 there are three ways to write it.
    for (const before of ['', ' ', '  ']) {
      const base64 = Buffer.from(`${before}${MARKER}`).toString('base64').slice(4, 24);
      expect(await toldBy(base64)).toEqual([]);
    }
    const urls = Object.values(kinora.service.metricsUrls);
    const metrics = await Promise.all(urls.map(async (url) => await (await fetch(url)).text()));
    expect(metrics.join()).toContain('kinora_videos_ended_total');
    expect(metrics.join()).not.toContain(MARKER);
  });

  it('finds nothing but ciphertext in histories: no message and no stack trace, no summary, no result', async () => {
    for (const { id } of Object.values(videos)) {
      const history = await temporal('workflow', 'show', '-w', id);
      const payloads = payloadsOf(history);
      expect(payloads.length).toBeGreaterThan(3);
      expect(new Set(payloads.map(({ metadata }) => plain(metadata.encoding)))).toEqual(new Set(['binary/encrypted']));
      // None can be put in the place of one of another video.
      const places = payloads.map(({ metadata }) => plain(metadata['encryption-place'] ?? ''));
      const own = [`["default","${id}"]`, `["default","webhook_${id}_`];
      expect(places.filter((place) => !own.some((start) => place.startsWith(start)))).toEqual([]);
      expect(history).not.toMatch(/\.js:\d|not served/);
    }
    expect(await temporal('workflow', 'show', '-w', videos['failed']!.id)).toContain('Encoded failure');
  });

  it('an operator reads it all the same, through the codec', async () => {
    const codec = ['--codec-endpoint', `${kinora.service.apiUrl}/codec`];
    const history = await temporal('workflow', 'show', '-w', videos['failed']!.id, ...codec);
    const texts = payloadsOf(history)
      .map(({ data }) => plain(data))
      .join();
    expect(texts).toContain(MARKED.prompt);
    expect(history + texts).toMatch(/is not served here/);
  });
});

describe('a rotation of the keys', () => {
  const rotatedIn = (name: string) =>
    until(
      async () => (/"keys":\["second-key","first-key"\]/.test(await readLog(name)) ? true : null),
      `${name} has read the keys again`,
    );
  const readLog = (name: string) => readFile(join(kinora.folder, 'logs', `${name}.log`), 'utf8');

  it('in the middle of a video costs nothing: it is finished, and read, with the new key', async () => {
    const { id } = await kinora.create(LONG_MARKED);
    await kinora.until(id, ({ phase }) => phase === 'denoising');
    await writeEncryptionKeys(keysFile, second, first);
    await Promise.all(['api', 'cpu-worker', 'gpu-worker'].map(rotatedIn));
    expect(['queued', 'in_progress']).toContain((await answer(`/v1/videos/${id}`)).status);
    expect(await kinora.completed(id)).toMatchObject({ prompt: LONG_MARKED.prompt });
    const history = await temporal('workflow', 'show', '-w', id);
    for (const key of [first, second]) expect(history).toContain(Buffer.from(key.id).toString('base64'));
  });

  it('that takes a key away too early hides what it had encrypted, says so, and nothing else', async () => {
    const before = await answer('/v1/videos?limit=100');
    await writeEncryptionKeys(keysFile, second);
    const { id } = before.data.at(-1)!;
    const refused = await until(async () => {
      const { error } = await answer(`/v1/videos/${id}`);
      return error?.code === 'encryption_key_missing' ? error : null;
    }, 'the key is missed');
    expect(refused.message).toMatch(/encrypted with a key/);
    const made = await ended((await kinora.create(MARKED)).id);
    expect(made.status).toBe('completed');
    const listed = (await answer('/v1/videos?limit=100')).data.map((video) => video.id);
    expect(listed).toContain(made.id);
    expect(listed).not.toContain(id);
    await writeEncryptionKeys(keysFile, second, first);
    await until(async () => ((await answer(`/v1/videos/${id}`)).status === 'completed' ? true : null), 'it is back');
  });
});
