// Plain JavaScript on Node's own modules, as setup.mjs is.
import { existsSync, readFileSync } from 'node:fs';

/** Between two checks whether npm is still there, in ms. */
const POLL_MS = 250;

/**
 * Ends this process when npm has ended. npm hands a signal on to its shell only, which dies of it and leaves this process
 * behind, perhaps before its first line.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const above = ancestorsUpToNpm();
  if (above === null) process.exit(143);
  const timer = setInterval(() => {
    const now = [process.ppid, ...above.slice(0, -1).map((pid) => statusOf(pid)?.parent)];
    if (above.every((pid, i) => now[i] === pid)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
  timer.unref();
}

/** Our parent and so on, to npm, as far as this system says who that is; null where npm is gone. */
function ancestorsUpToNpm() {
  const parent = process.ppid;
  if (!existsSync(`/proc/${parent}/stat`)) return parent === 1 ? null : [parent];
  // What npm starts has the script in its environment; npm itself has not.
  const mark = `npm_lifecycle_script=${process.env.npm_lifecycle_script}`;
  const pids = [parent];
  while (readProc(pids.at(-1), 'environ').split('\0').includes(mark)) {
    const next = statusOf(pids.at(-1))?.parent;
    if (!next) return null;
    pids.push(next);
  }
  // An orphan has the system's first process there, or another that takes orphans up: not of our group, and no npm.
  const { group } = statusOf(process.pid);
  const isOurs = group === process.pid || statusOf(pids.at(-1))?.group === group;
  return isOurs || /npm|yarn|bun/.test(readProc(pids.at(-1), 'cmdline')) ? pids : null;
}

/** Of a process: its parent and its group; null where it is gone. */
function statusOf(pid) {
  const [, parent, group] = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  return parent === undefined ? null : { parent, group };
}

/** Empty where the process is gone, or another user's. */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
