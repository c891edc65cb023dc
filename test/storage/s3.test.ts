import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../storage/open.ts';
import { S3Store } from '../../storage/s3.ts';
import { killedUpload } from '../support/killed-upload.ts';
import { type S3Server, startS3Server } from '../../tools/harness/servers/s3-server.ts';
import { describeWith } from '../support/needs/with-needs.ts';
import { until } from '../../tools/harness/patience.ts';

describeWith('s3')('S3', () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3Server();
  });
  afterAll(async () => await s3?.stop());

  it('lists and deletes more objects than one page of answers holds', async () => {
    const store = new S3Store({ ...s3.settings, bucket: s3.bucket, prefix: 'paged', pageSize: 4 });
    const names = Array.from({ length: 10 }, (_, i) => `videos/v/${i}`);
    await Promise.all(names.map((name) => store.put(name, Buffer.from(name))));
    const found: string[] = [];
    for await (const { key } of store.list('videos/')) found.push(key);
    expect(found).toEqual(names);
    await store.deletePrefix('videos/v/');
    for await (const { key } of store.list('videos/')) throw new Error(`${key} is still there`);
    await store.close();
  });

  it('takes back the parts that killed uploads left on the server, with the rest of the video', async () => {
    const url = `s3://${s3.bucket}/leftovers`;
    const unfinished = async () =>
      (await s3.client.send(new ListMultipartUploadsCommand({ Bucket: s3.bucket, Prefix: 'leftovers/' }))).Uploads ??
      [];
    const begun = async () => {
      await until(async () => (await unfinished()).length !== 0);
    };
    await killedUpload({ url, settings: s3.settings, key: 'videos/v/frames.mkv', megabytes: 12 }, begun);
    expect(await unfinished()).toHaveLength(1);
    const store = await openStore(url, s3.settings);
    await store.deletePrefix('videos/v/');
    await store.close();
    expect(await unfinished()).toEqual([]);
  });

  it.each([
    [
      'a missing bucket',
      's3://no-such-bucket/x',
      {},
      /s3:\/\/no-such-bucket\/x cannot be used: there is no such bucket/,
    ],
    ['a wrong key', 's3://videos/x', { S3_ACCESS_KEY_ID: 'wrong' }, /credentials are not accepted.*S3_ACCESS_KEY_ID/],
    ['a wrong secret', 's3://videos/x', { S3_SECRET_ACCESS_KEY: 'no' }, /credentials are not accepted.*S3_SECRET/],
    ['no server', 's3://videos/x', { S3_ENDPOINT: 'http://127.0.0.1:9' }, /cannot be used: .*ECONNREFUSED/],
  ])('says what is wrong: %s', async (_what, url, wrong, message) => {
    const store = await openStore(url, { ...s3.settings, ...wrong });
    await expect(store.check()).rejects.toThrow(message);
    await store.close();
  });
});
