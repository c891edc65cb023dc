import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../harness/fault.ts';
import { AN_HOUR_IN_SIX_SECONDS } from '../harness/hurried.ts';
import type { AlertHarness } from '../harness/harness.ts';

const nothing = () => {};
const HOURS = 3600;
const DAYS = 24 * HOURS;

/**
 * A tiny video one of whose files is spoilt as soon as it is in the scratch store.
 *
 * @param times that it is spoilt at most, where it is made again
 * @returns whether the video has failed
 */
async function spoilt(harness: AlertHarness, name: string, times?: number): Promise<boolean> {
  const over = new AbortController();
  const id = await harness.createTiny();
  const spoiling = harness.spoil(id, name, over.signal, times);
  const { status } = await harness.finished(id);
  over.abort();
  await spoiling;
  return status === 'failed';
}

/** Videos that fail for good, one after the other, because other frames come out of the store than went in. */
async function fail(harness: AlertHarness, times: number, gapMs = 0): Promise<void> {
  // Where the encoder was faster than the spoiler, once more.
  for (let failed = 0; failed < times; await sleep(gapMs)) if (await spoilt(harness, 'frames.mkv')) failed++;
}

/** Videos that fail, or are not what they should be. */
export const OUTCOME_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraVideosFailFast',
    what: 'after a good day and a quiet hour the frames of every video are spoilt',
    past: { from: 6 * HOURS, until: 1 * HOURS },
    begin: async (harness) => {
      await fail(harness, 3);
      return nothing;
    },
  },
  {
    alert: 'KinoraVideosFail',
    what: 'the frames of every second video are spoilt',
    begin: async (harness) => {
      for (let i = 0; i < 4; i++) await harness.finished(await harness.createTiny());
      await fail(harness, 4);
      return nothing;
    },
  },
  {
    alert: 'KinoraVideosFailSlowly',
    what: 'after six good hours the frames of three videos are spoilt',
    pace: AN_HOUR_IN_SIX_SECONDS,
    past: { from: 6 * HOURS, until: 0 },
    begin: async (harness) => {
      await fail(harness, 4);
      return nothing;
    },
  },
  {
    alert: 'KinoraVideosBelowTarget',
    what: 'after three good days the frames of three videos are spoilt, hours apart',
    pace: AN_HOUR_IN_SIX_SECONDS,
    past: { from: 3 * DAYS, until: 0 },
    begin: async (harness) => {
      await fail(harness, 3, 7_000);
      return nothing;
    },
  },
];

/** Its alert lasts for an hour: what comes after it would have to wait. */
export const LASTING_FAULTS: readonly Fault[] = [
  {
    alert: 'KinoraArtefactInvalid',
    what: 'an encoded file is spoilt before it is published',
    begin: async (harness) => {
      await spoilt(harness, 'video.mp4', 1);
      return nothing;
    },
  },
];
