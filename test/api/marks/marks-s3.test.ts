import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../../storage/open.ts';
import { type S3Server, startS3Server } from '../../../tools/harness/servers/s3-server.ts';
import { describeWith } from '../../support/needs/with-needs.ts';
import { MarkingService } from '../../support/services/marking-service.ts';
import { until } from '../../../tools/harness/patience.ts';

describeWith('s3')('in a bucket', () => {
  let s3: S3Server;
  let inBucket: MarkingService;
  beforeAll(async () => {
    s3 = await startS3Server();
    inBucket = await MarkingService.start({ artefacts: await openStore(`s3://${s3.bucket}/a/prefix`, s3.settings) });
  });
  afterAll(async () => {
    await inBucket?.stop();
    await s3?.stop();
  });

  it('marks are kept, found and removed as in a folder', async () => {
    const { id } = await inBucket.made();
    const tags = ['a/b', 'Très jolie', '夜の街'];
    expect(await inBucket.mark(id, { starred: true, tags })).toMatchObject({ id, starred: true, tags });
    expect((await inBucket.list('tag=夜の街&starred=true')).data).toMatchObject([{ id, starred: true, tags }]);
    const api = await inBucket.another();
    expect(await (await inBucket.askAt(api, `/${id}`)).json()).toMatchObject({ starred: true, tags });
    await api.stop();
    expect(await inBucket.mark(id, { starred: false, tags: ['TRÈS JOLIE'] })).toMatchObject({ tags: ['TRÈS JOLIE'] });
    expect(await inBucket.tags()).toEqual([{ tag: 'TRÈS JOLIE', videos: 1 }]);
    const archive = await inBucket.ask(`/archive?ids=${id}`);
    expect((await archive.arrayBuffer()).byteLength).toBe(Number(archive.headers.get('content-length')));
    await inBucket.ask(`/${id}`, 'DELETE');
    await until(async () => (await inBucket.marksIn(id)).length === 0);
    expect((await inBucket.list('tag=très jolie')).data).toEqual([]);
  });
});
