import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SmallDisk } from '../harness/small-disk.ts';
import { accountsText } from '../harness/services/accounts.ts';
import { WholeService } from '../harness/services/whole-service.ts';
import { BACKTRACKING_LINES } from './attacks/prompts.ts';

/** The accounts' keys. Both have the same limits, wide enough for more than one defence to be tried. */
export const KEYS = { attacker: 'sk-attacker', bystander: 'sk-bystander' };
const LIMITS = { queued: 6, running: 2, requests_per_minute: 100_000 };

/** Folders that can be full, below `DATA_DIR`, and how large they are, in MiB. */
const DISKS = { logs: 24, tmp: 48, scratch: 64, artefacts: 64 };
/** Of the whole folder, with Temporal's database. */
const DATABASE_MB = 768;

export interface HostileService {
  whole: WholeService;
  /** By the name of the folder; none where nothing may be mounted. */
  disks: ReadonlyMap<string, SmallDisk>;
  stop(): Promise<void>;
}

/**
 * The service with two accounts, a block list with lines that backtrack, and a small disk for each of its folders.
 *
 * @param folder empty; everything is kept in it
 */
export async function startHostileService(
  folder: string,
  env: Record<string, string>,
  stop: AbortSignal,
): Promise<HostileService> {
  const accountsFile = join(folder, 'accounts.json');
  const blocklist = join(folder, 'blocklist.txt');
  const accounts = Object.entries(KEYS).map(([id, key]) => ({ id, keys: [key], limits: LIMITS }));
  await writeFile(accountsFile, accountsText(...accounts));
  await writeFile(blocklist, [...BACKTRACKING_LINES, 'forbidden words'].join('\n'));
  const data = join(folder, 'data');
  await mkdir(data);
  const disks = new Map<string, SmallDisk>();
  const unmount = async () => {
    for (const disk of [...disks.values()].toReversed()) await disk.unmount();
  };
  const database = await SmallDisk.mount(data, DATABASE_MB);
  if (database) disks.set('database', database);
  for (const [name, megabytes] of Object.entries(DISKS)) {
    const disk = await SmallDisk.mount(join(data, name), megabytes);
    if (disk) disks.set(name, disk);
  }
  const settings = { API_KEYS_FILE: accountsFile, POLICY_BLOCKLIST_FILE: blocklist, ...env };
  const whole = await WholeService.start(settings, data, stop).catch(async (error: unknown) => {
    await unmount();
    throw error;
  });
  return {
    whole,
    disks,
    stop: async () => {
      await whole.stop();
      await unmount();
    },
  };
}
