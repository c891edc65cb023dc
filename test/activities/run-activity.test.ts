import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ActivityCompletionError, ActivityNotFoundError } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../storage/keys.ts';
import { type ActivityBench, openActivityBench } from '../support/services/activity-bench.ts';
import { generateClip, jobOf } from '../../tools/harness/model/clips.ts';

let bench: ActivityBench;
beforeEach(async () => {
  bench = await openActivityBench();
});
afterEach(async () => await bench?.close());

describe('an attempt', () => {
  it('of a worker that stood still leaves nothing behind of a video that another has finished meanwhile', async () => {
    const job = jobOf('video_late');
    const generated = await generateClip(bench.scratch, job);
    const files = join(fileURLToPath(bench.scratch.url), keys.prefix(job.videoId));
    bench.heartbeatTimeoutMs = 4000;
    bench.scratch.before = async (_, key) => {
      if (key !== keys.variant(job.videoId, 'thumbnail')) return;
      // The thread, timers and all; and the clean-up, once the video is published.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
      rmSync(files, { recursive: true });
    };
    await expect(bench.run('encode', job, generated)).rejects.toMatchObject({ type: 'worker_shutdown' });
    expect(existsSync(files)).toBe(false);
  });

  it('that Temporal had given up before its worker took it up leaves nothing behind', async () => {
    const job = jobOf('video_stale');
    const generated = await generateClip(bench.scratch, job);
    const files = join(fileURLToPath(bench.scratch.url), keys.prefix(job.videoId));
    // The video was cancelled meanwhile.
    rmSync(files, { recursive: true });
    bench.confirm = async () => {
      throw new ActivityNotFoundError('Not found');
    };
    await expect(bench.run('encode', job, generated)).rejects.toMatchObject({ type: 'worker_shutdown' });
    expect(existsSync(files)).toBe(false);
  });

  it('asks Temporal again where it does not answer, and begins once it does', async () => {
    const job = jobOf('video_asked');
    const generated = await generateClip(bench.scratch, job);
    let asked = 0;
    bench.confirm = async () => {
      if (++asked < 3) throw new ActivityCompletionError('unavailable');
    };
    await expect(bench.run('encode', job, generated)).resolves.toMatchObject({ video: { contentType: 'video/mp4' } });
    expect(asked).toBe(3);
  });

  it('without a heartbeat timeout may take its time: what it fails with is what was wrong', async () => {
    // As Temporal says that there is none.
    bench.heartbeatTimeoutMs = 0;
    bench.scratch.before = async () => {
      await sleep(1500);
      throw new Error('the store is down');
    };
    const failing = bench.run('cleanUp', 'video_slow', { artefacts: false });
    await expect(failing).rejects.toMatchObject({ type: 'internal_error' });
  });
});
