import { execFile } from 'node:child_process';
import { access, constants, readdir, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../../../../platform/config/user-error.ts';

const run = promisify(execFile);

/** What makes, runs, ends and asks a cluster. Packages put them into one folder. */
const NEEDED = ['initdb', 'postgres', 'pg_ctl', 'psql'] as const;
export type PostgresPrograms = Record<(typeof NEEDED)[number], string>;

/** Where Debian's packages have them, of each version. */
const DEBIAN = '/usr/lib/postgresql';

/**
 * PostgreSQL's programs: those on PATH, else the newest that Debian's packages have installed.
 *
 * @param path as PATH
 * @param installed folder of the versions that are installed
 * @throws UserError with the remedy where there are none
 */
export async function findPostgres(path = process.env['PATH'] ?? '', installed = DEBIAN): Promise<PostgresPrograms> {
  const versions = (await readdir(installed).catch(() => [])).toSorted((a, b) => Number(b) - Number(a));
  const folders = [...path.split(delimiter).filter(Boolean), ...versions.map((name) => join(installed, name, 'bin'))];
  for (const folder of folders) {
    // What is on PATH may be a link into the folder that has the others.
    const home = await realpath(join(folder, 'postgres')).then(dirname, () => null);
    if (home === null) continue;
    const found = NEEDED.map((name) => join(home, name));
    if (
      await Promise.all(found.map((file) => access(file, constants.X_OK))).then(
        () => true,
        () => false,
      )
    ) {
      return Object.fromEntries(NEEDED.map((name, i) => [name, found[i]!])) as PostgresPrograms;
    }
  }
  throw new UserError(
    `PostgreSQL's programs (${NEEDED.join(', ')}) are neither on PATH nor in ${installed}/*/bin. ` +
      'Install them (Debian: apt-get install postgresql), and try again.',
  );
}

/** For `spawn`; empty for this process's own. */
export interface SystemUser {
  uid?: number;
  gid?: number;
}

/** Whom PostgreSQL runs as: another user where this process is root's, since it refuses root. */
export async function postgresUser(): Promise<SystemUser> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (option) => Number((await run('id', [option, name])).stdout)),
      );
      return { uid: uid!, gid: gid! };
    } catch {
      // The system does not know that one.
    }
  }
  throw new UserError(
    'PostgreSQL does not run as root, and there is no user postgres or nobody. Run this as another user.',
  );
}
