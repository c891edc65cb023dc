import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Estimator } from '../../../api/queue/estimator.ts';
import { RunningJobs } from '../../../api/queue/running-jobs.ts';
import { createTemporal } from '../../../api/jobs/temporal.ts';
import { UnlistedVideos } from '../../../api/jobs/unlisted-videos.ts';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import { MOCHI_1_PROFILE } from '../../../contract/model-profile.ts';
import { TINY_SPEC } from '../../../tools/harness/model/tiny-spec.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Temporal answers nothing: nobody lists, nothing finishes. */
const down = createTemporal(() => null, 1_000);

const ASKED = 25_000;

const inputOf = (i: number): GenerateVideoInput => ({
  videoId: `video_${i}`,
  accountId: 'default',
  spec: { ...TINY_SPEC, prompt: `wish ${i}`, seed: i, numInferenceSteps: 4 },
  warnings: [],
  createdAt: 0,
});

/** How many of the objects that `make` hands out are still held elsewhere. */
async function held(make: (i: number) => object): Promise<number> {
  const made: WeakRef<object>[] = [];
  for (let i = 0; i < ASKED; i++) made.push(new WeakRef(make(i)));
  // A WeakRef holds its object until the end of the turn.
  await setImmediate();
  collectGarbage();
  return made.filter((ref) => ref.deref() !== undefined).length;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('an API process keeps its memory, whatever it is asked for and for however long nobody asks for the rest', () => {
  it('of the videos that it starts while nobody lists any', async () => {
    const unlisted = new UnlistedVideos();
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const kept = await held((i) => {
      now = i * 10;
      const input = inputOf(i);
      unlisted.add(input, now);
      return input;
    });
    // Those of the last ten seconds.
    expect(kept).toBeLessThanOrEqual(1_001);
    expect(unlisted.videos()).toHaveLength(kept);
  });

  it('of the shapes whose time it is asked for while no video is finished', async () => {
    const estimator = new Estimator(down, MOCHI_1_PROFILE);
    const spec = { ...TINY_SPEC, numInferenceSteps: 4 };
    const kept = await held((i) => estimator.estimate({ ...spec, numFrames: 7 + 6 * i }, 'cpu')!);
    expect(kept).toBeLessThanOrEqual(10_000);
    expect(estimator.estimate(spec, 'cpu')).not.toBeNull();
  });

  it('of the jobs that clients look at while the line cannot be listed', async () => {
    const running = new RunningJobs();
    const kept = await held((i) => {
      const pending = {
        type: 'generate',
        started: true,
        cancelRequested: false,
        heartbeat: null,
        startedAt: 0,
        priorityKey: 0,
        worker: 'gpu-worker',
      };
      running.saw(`run-${i}`, pending);
      return pending;
    });
    expect(kept).toBeLessThanOrEqual(10_000);
  });
});
