import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { temporalEnv } from '../../../temporal/config.ts';
import { readConfig } from '../../../platform/config/config.ts';
import type { EncryptionCodec } from '../../../temporal/encryption/encryption-codec.ts';
import { openEncryption, type PayloadEncryption } from '../../../temporal/encryption/payload-encryption.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { Command } from '../../support/command.ts';
import { encryptionKey, writeEncryptionKeys } from '../../support/services/encryption-keys.ts';

const [old, current] = [encryptionKey('old'), encryptionKey('current')];
const log = createLogger('test', 'silent');

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-keys-'));
  file = join(folder, 'keys.json');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (encoded: Payload): unknown => defaultPayloadConverter.fromPayload(encoded);

async function opened(...keys: ReturnType<typeof encryptionKey>[]): Promise<PayloadEncryption> {
  await writeEncryptionKeys(file, ...keys);
  const encryption = await openEncryption(readConfig(temporalEnv, { ENCRYPTION_KEYS_FILE: file }), log);
  encryption.close();
  return encryption;
}
const codecOf = ({ forWorkers }: PayloadEncryption) => forWorkers.payloadCodecs![0] as EncryptionCodec;

describe('what Temporal is given', () => {
  it('cannot be read without the key, is never the same twice, and comes back as it was', async () => {
    const codec = codecOf(await opened(current));
    const [one, other] = await codec.encode([payload({ prompt: 'a secret' }), payload({ prompt: 'a secret' })]);
    expect(Buffer.from(one!.data!).toString('latin1')).not.toContain('secret');
    expect(Buffer.from(one!.data!)).not.toEqual(Buffer.from(other!.data!));
    expect((await codec.decode([one!, other!])).map(valueOf)).toEqual([{ prompt: 'a secret' }, { prompt: 'a secret' }]);
  });

  it('is read after a rotation, by the old key as by the new one, and encrypted by the new one', async () => {
    const [before] = await codecOf(await opened(old)).encode([payload(1)]);
    const codec = codecOf(await opened(current, old));
    const [after] = await codec.encode([payload(2)]);
    expect((await codec.decode([before!, after!])).map(valueOf)).toEqual([1, 2]);
    expect(Buffer.from(after!.metadata!['encryption-key-id']!).toString()).toBe('current');
  });

  it('is not lost without its key: a worker fails with a name for it and tries again, a client reads null', async () => {
    const [sealed] = await codecOf(await opened(old)).encode([payload(1)]);
    const encryption = await opened(current);
    const failure = { type: 'encryption_key_missing', nonRetryable: false, message: expect.stringMatching(/old/) };
    await expect(codecOf(encryption).decode([sealed!])).rejects.toMatchObject(failure);
    expect((await encryption.forClients.payloadCodecs![0]!.decode([sealed!])).map(valueOf)).toEqual([null]);
    expect(await encryption.forReaders.decode([sealed!])).toEqual([sealed]);
  });

  describe('belongs to its workflow', () => {
    const at = (workflowId: string, namespace = 'default') => ({ type: 'workflow' as const, namespace, workflowId });
    const moved = { type: 'internal_error', message: expect.stringMatching(/in the place of/) };

    it('and is refused in the place of another one, be it in the same namespace or in another', async () => {
      const codec = codecOf(await opened(current));
      const [sealed] = await codec.encode([payload('mine')], at('video_a'));
      expect((await codec.decode([sealed!], at('video_a'))).map(valueOf)).toEqual(['mine']);
      await expect(codec.decode([sealed!], at('video_b'))).rejects.toMatchObject(moved);
      await expect(codec.decode([sealed!], at('video_a', 'other'))).rejects.toMatchObject(moved);
      const activity = { type: 'activity' as const, namespace: 'default', workflowId: 'video_a', isLocal: false };
      expect((await codec.decode([sealed!], activity)).map(valueOf)).toEqual(['mine']);
    });

    it('also where its label was changed or taken off', async () => {
      const codec = codecOf(await opened(current));
      const [sealed] = await codec.encode([payload('mine')], at('video_a'));
      const [other] = await codec.encode([payload('theirs')], at('video_b'));
      const label = 'encryption-place';
      const { [label]: _, ...bare } = sealed!.metadata!;
      for (const metadata of [bare, { ...sealed!.metadata, [label]: other!.metadata![label]! }]) {
        await expect(codec.decode([{ ...sealed!, metadata }], at('video_b'))).rejects.toMatchObject({
          type: 'internal_error',
        });
      }
    });

    it('but what was encrypted before is read on, and a codec server, which knows no place, reads all', async () => {
      const encryption = await opened(current);
      const codec = codecOf(encryption);
      const [before] = await codec.encode([payload('before')]);
      const [sealed] = await codec.encode([payload('mine')], at('video_a'));
      expect((await codec.decode([before!], at('video_a'))).map(valueOf)).toEqual(['before']);
      expect((await encryption.forReaders.decode([before!, sealed!])).map(valueOf)).toEqual(['before', 'mine']);
    });

    it('or to its schedule, whose runs hand on what they found', async () => {
      const codec = codecOf(await opened(current));
      const [sealed] = await codec.encode([payload(1)], at('expire-videos-2026-11-29T10:00:00Z'));
      expect((await codec.decode([sealed!], at('expire-videos-2026-11-29T11:00:00Z'))).map(valueOf)).toEqual([1]);
    });
  });

  it('is refused where it was changed', async () => {
    const codec = codecOf(await opened(current));
    const [sealed] = await codec.encode([payload(1)]);
    for (const at of [0, 15, sealed!.data!.length - 1]) {
      const data = Buffer.from(sealed!.data!);
      data[at]! ^= 1;
      await expect(codec.decode([{ ...sealed, data }])).rejects.toMatchObject({ type: 'internal_error' });
    }
    await expect(codec.decode([{ ...sealed, data: Buffer.alloc(3) }])).rejects.toMatchObject({
      type: 'internal_error',
    });
  });

  it('stays readable as it is without the setting, and what was not encrypted is read with it', async () => {
    const off = await openEncryption(readConfig(temporalEnv, {}), log);
    expect([off.on, off.forWorkers.failureConverterPath]).toEqual([false, undefined]);
    const plain = [payload('words')];
    expect(await codecOf(off).encode(plain)).toEqual(plain);
    expect((await codecOf(await opened(current)).decode(plain)).map(valueOf)).toEqual(['words']);
    const [sealed] = await codecOf(await opened(current)).encode(plain);
    await expect(codecOf(off).decode([sealed!])).rejects.toMatchObject({ type: 'encryption_key_missing' });
  });
});

describe('a file of keys that cannot be used', () => {
  it.each([
    ['is missing', null, /cannot be read \(ENOENT\).*encryption-keys -- add/s],
    ['is no JSON', 'secretsecret', /not valid JSON/],
    ['holds no key', '{"keys": []}', /keys must hold a key/],
    ['holds a short key', '{"keys": [{"id": "a", "key": "c2VjcmV0c2VjcmV0"}]}', /32 bytes in base64/],
    ['holds an id twice', JSON.stringify({ keys: [old, { ...current, id: 'old' }] }), /two keys have the same id/],
  ])('%s: the process does not start, and says why without saying a key', async (_, content, message) => {
    await rm(file, { force: true });
    if (content !== null) await writeFile(file, content);
    const error = await openEncryption(readConfig(temporalEnv, { ENCRYPTION_KEYS_FILE: file }), log).catch((e) => e);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/secret|c2Vj/);
    expect(error.message).not.toContain(old.key);
  });
});

it('the command makes a file that only its owner reads, and adds to it without changing which key encrypts', async () => {
  const made = join(folder, 'made.json');
  const add = async () => {
    const command = new Command('local/commands/encryption-keys.js', ['add', made], {});
    expect(await command.ended()).toBe(0);
    return command.output;
  };
  const idOfEncrypting = async () => {
    const encryption = await openEncryption(readConfig(temporalEnv, { ENCRYPTION_KEYS_FILE: made }), log);
    encryption.close();
    const [sealed] = await codecOf(encryption).encode([payload(1)]);
    return Buffer.from(sealed!.metadata!['encryption-key-id']!).toString();
  };
  await add();
  expect((await stat(made)).mode & 0o777).toBe(0o600);
  const first = await idOfEncrypting();
  expect(await add()).toMatch(/as its last one/);
  expect(await idOfEncrypting()).toBe(first);
});
