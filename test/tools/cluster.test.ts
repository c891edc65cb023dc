import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeImage } from '../../tools/cluster/images/image.ts';
import { report, type Row } from '../../tools/cluster/report.ts';
import { checkRequirements } from '../../tools/cluster/requirements.ts';
import { StepLog } from '../../tools/cluster/service/steps.ts';

const run = promisify(execFile);
const FLIGHT = { ids: ['video_a', 'video_b'], lost: [], doubled: [], different: [], redone: 0 };

describe('the check on a cluster', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kinora-cluster-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('fails for a video that is lost, made twice or otherwise, and for steps that need not have been done again', () => {
    const row = (flight: Row['flight'], error: string | null = null): Row => ({
      disturbance: { name: 'a restart', redone: 10, happen: async () => {} },
      flight,
      answers: { 200: 5 },
      seconds: 1,
      error,
    });
    const good = report([row(FLIGHT), row({ ...FLIGHT, redone: 10 })]);
    expect([good.holds, good.text]).toEqual([true, expect.stringContaining('200 × 5')]);
    for (const bad of [{ lost: ['video_a'] }, { doubled: ['video_a'] }, { different: ['video_a'] }, { redone: 11 }]) {
      const { holds, text } = report([row(FLIGHT), row({ ...FLIGHT, ...bad })]);
      expect([bad, holds, text]).toEqual([bad, false, expect.stringMatching(/^a restart: .*(video_a|11 steps)/m)]);
    }
    expect(report([row(null, 'no such node')])).toMatchObject({
      holds: false,
      text: expect.stringMatching(/no such node/),
    });
    expect(report([row(FLIGHT, 'not ready again')]).holds).toBe(false);
  });

  it('counts the steps of a worker whose pod is gone, each once', async () => {
    const pod = join(folder, 'pods/kinora_gpu-worker-1_uid/gpu-worker');
    await mkdir(pod, { recursive: true });
    const step = (id: string) => `2026-01-01T00:00:00Z stdout F {"videoId":"${id}","step":1,"msg":"Step"}\n`;
    await writeFile(join(pod, '0.log'), step('video_a') + step('video_b') + step('video_a').slice(0, 40));
    const log = await StepLog.start(join(folder, 'pods'), join(folder, 'kept'));
    expect(Object.fromEntries(await log.done())).toEqual({ video_a: 1, video_b: 1 });
    await writeFile(join(pod, '0.log'), step('video_a').slice(40), { flag: 'a' });
    await rm(join(folder, 'pods'), { recursive: true });
    expect(Object.fromEntries(await log.done())).toEqual({ video_a: 2, video_b: 1 });
  });

  it('makes images of programs, with the libraries that they need', async () => {
    const archive = join(folder, 'image.tar');
    await writeImage({ name: 'kinora/sh:1', programs: { '/bin/sh': '/bin/sh' }, entrypoint: ['/bin/sh'] }, archive);
    await run('tar', ['-xf', archive, '-C', folder]);
    const { stdout } = await run('tar', ['-tf', join(folder, 'layer.tar')]);
    expect(stdout).toMatch(/^\.\/bin\/sh$/m);
    expect(stdout).toMatch(/libc\.so/);
  });

  it('names the packages to install on a machine that has not what it needs', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      await expect(checkRequirements()).rejects.toThrow(
        process.getuid?.() === 0 ? /apt-get install .*containerd runc/ : /run it as root/,
      );
    } finally {
      process.env['PATH'] = path;
    }
  });
});
