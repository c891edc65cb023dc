import { lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Gives this process, and what it starts, a `HOME` and a `USER` where it has none: under a user id that the system does
 * not know, as OpenShift gives them, libraries and programs that ask the system for them fail.
 */
export function ensureHome(env: NodeJS.ProcessEnv = process.env): void {
  env['HOME'] ||= orElse(homedir, () => '') || privateFolder();
  env['USER'] ||= orElse(
    () => userInfo().username,
    () => `user-${userId()}`,
  );
}

/** A folder below the system's one for temporary files that no other user can have put anything into. */
export function privateFolder(): string {
  const path = join(tmpdir(), `kinora-user-${userId()}`);
  try {
    mkdirSync(path, { mode: 0o700 });
    return path;
  } catch {
    const found = orElse(
      () => lstatSync(path),
      () => null,
    );
    const ours = found?.isDirectory() && found.uid === userId() && (found.mode & 0o022) === 0;
    return ours ? path : mkdtempSync(join(tmpdir(), 'kinora-user-'));
  }
}

const userId = () => process.getuid?.() ?? 0;

function orElse<T, U>(work: () => T, otherwise: () => U): T | U {
  try {
    return work();
  } catch {
    return otherwise();
  }
}
