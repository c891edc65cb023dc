import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Has a process that leads a session of its own come after others where there is more to do than cores. Linux shares them
 * between sessions first (sched(7), "The autogroup feature"): there the session's own niceness counts, not the process's.
 *
 * @param nice 0 to 19, the more the later
 */
export function lowerPriority(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // It has ended, or the kernel has no such groups: it works as well, its neighbours a little less.
  }
}
