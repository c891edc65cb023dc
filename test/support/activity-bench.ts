import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities } from '../../activities/create-activities.ts';
import { LocalStore } from '../../storage/local.ts';
import { loadProfile } from '../../storage/model-profile.ts';
import { createLogger } from '../../temporal/logger.ts';
import type { CpuActivities } from '../../workflows/contract.ts';
import { fileURLToPath } from 'node:url';

export const MOCHI_TINY = fileURLToPath(new URL('../../../gpu-worker/models/mochi-tiny', import.meta.url));

export interface ActivityBench {
  folder: string;
  scratch: LocalStore;
  artefacts: LocalStore;
  tempDir: string;
  activities: CpuActivities;
  /** Runs an activity as a worker does; abort it by the environment's `cancel`. */
  run<Args extends unknown[], T>(activity: (...args: Args) => Promise<T>, ...args: Args): Promise<T>;
  close(): Promise<void>;
}

/** The real activities on two local stores in a temporary folder. One word is one token. */
export async function openActivityBench(): Promise<ActivityBench> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-activities-'));
  const scratch = new LocalStore(join(folder, 'scratch'));
  const artefacts = new LocalStore(join(folder, 'artefacts'));
  const tempDir = join(folder, 'temp');
  const activities = await createActivities({
    scratch,
    artefacts,
    profile: await loadProfile(MOCHI_TINY),
    countTokens: async (text) => text.split(' ').length + 1,
    tempDir,
    logger: createLogger('test', 'silent'),
    encodersAtOnce: 2,
  });
  return {
    folder,
    scratch,
    artefacts,
    tempDir,
    activities,
    run: (activity, ...args) => new MockActivityEnvironment().run(activity, ...args),
    close: async () => await rm(folder, { recursive: true, force: true }),
  };
}
