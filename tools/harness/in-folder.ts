import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopSignal } from '../../local/stop-signal.ts';

/**
 * Runs a command that needs a folder for a while; the folder stays where the command fails, or is told to keep it.
 *
 * @param work tells whether what it checked holds
 * @returns the exit code
 */
export async function inFolder(
  prefix: string,
  keep: boolean,
  work: (folder: string, say: (line: string) => void, stop: AbortSignal) => Promise<boolean>,
): Promise<number> {
  const stop = stopSignal();
  setMaxListeners(0, stop.signal);
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const say = (line: string) => process.stdout.write(`${line}\n`);
  let held = false;
  try {
    held = await work(folder, say, stop.signal);
    say(held ? 'It holds.' : 'It does not hold.');
    return held ? 0 : 1;
  } finally {
    if (keep || !held) say(`Logs and stores: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}
