import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type ActivityDeps, createActivities } from '../../../activities/create-activities.ts';
import { loadProfile } from '../../../platform/model/model-profile.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { DefaultLogger } from '@temporalio/worker';
import type { CpuActivities } from '../../../contract/activities.ts';
import { openAccounts } from '../../../tools/harness/services/accounts.ts';
import { MOCHI_TINY } from '../../../tools/harness/model/model-folder.ts';
import { GatedStore } from '../gated-store.ts';

type Name = keyof CpuActivities;
type Args<N extends Name> = Parameters<CpuActivities[N]>;
type Result<N extends Name> = Awaited<ReturnType<CpuActivities[N]>>;

export interface ActivityBench {
  folder: string;
  scratch: GatedStore;
  artefacts: GatedStore;
  tempDir: string;
  /** Of the activities that are begun from now on. @default that of the workflow's, 10 s */
  heartbeatTimeoutMs: number;
  /** What Temporal answers to the heartbeats that are waited for. @default that it waits for the attempt */
  confirm: () => Promise<void>;
  /** Runs an activity as a worker does. */
  run<N extends Name>(name: N, ...args: Args<N>): Promise<Result<N>>;
  /** The same, with a way to cancel it. */
  begin<N extends Name>(name: N, ...args: Args<N>): { result: Promise<Result<N>>; cancel: () => void };
  close(): Promise<void>;
}

/** The real activities on two local stores in a temporary folder. One word is one token. */
export async function openActivityBench(settings: Pick<ActivityDeps, 'promptInFiles'> = {}): Promise<ActivityBench> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-activities-'));
  const scratch = new GatedStore(join(folder, 'scratch'));
  const artefacts = new GatedStore(join(folder, 'artefacts'));
  const tempDir = join(folder, 'temp');
  const activities = await createActivities({
    temporal: () => {
      throw new Error('There is no Temporal here.');
    },
    accounts: await openAccounts(),
    scratch,
    artefacts,
    profile: await loadProfile(MOCHI_TINY),
    countTokens: async (text) => text.split(' ').length + 1,
    tempDir,
    logger: createLogger('test', 'silent'),
    encodersAtOnce: 2,
    ...settings,
  });
  // Never connected.
  const client = new Client({ connection: Connection.lazy() });
  client.activity.heartbeat = () => bench.confirm();
  const begin = <N extends Name>(name: N, ...args: Args<N>) => {
    const { heartbeatTimeoutMs } = bench;
    const environment = new MockActivityEnvironment(
      { heartbeatTimeoutMs },
      { logger: new DefaultLogger('ERROR'), client },
    );
    const activity = activities[name] as (...args: Args<N>) => Promise<Result<N>>;
    const result = environment.run(activity, ...args) as Promise<Result<N>>;
    return { result, cancel: () => environment.cancel() };
  };
  const bench: ActivityBench = {
    folder,
    scratch,
    artefacts,
    tempDir,
    heartbeatTimeoutMs: 10_000,
    confirm: async () => {},
    begin,
    run: (name, ...args) => begin(name, ...args).result,
    close: async () => await rm(folder, { recursive: true, force: true }),
  };
  return bench;
}
