import { statfs } from 'node:fs/promises';
import { UserError } from '../../../platform/config/user-error.ts';
import { bytesText } from './progress.ts';

/** Kept free beside what is pulled: a full disk stops more than this. */
const SPARE_BYTES = 256 * 1024 * 1024;

/**
 * Refuses what would fill the disk, before a byte is fetched.
 *
 * @throws UserError naming what is needed and what is free
 */
export async function checkDiskSpace(dir: string, needed: number): Promise<void> {
  if (needed === 0) return;
  const { bavail, bsize } = await statfs(dir);
  const available = bavail * bsize;
  if (available >= needed + SPARE_BYTES) return;
  throw new UserError(
    `${dir}: ${bytesText(needed)} are to be fetched, and ${bytesText(SPARE_BYTES)} to be left, but only ` +
      `${bytesText(available)} are free. Free some, or choose another folder with --to.`,
  );
}
