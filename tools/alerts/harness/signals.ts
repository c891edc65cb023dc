import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../chaos/part.ts';

/** @returns what lets them go on */
export function frozen(...pids: number[]): () => void {
  for (const pid of pids) send(pid, 'SIGSTOP');
  return () => pids.forEach((pid) => send(pid, 'SIGCONT'));
}

/**
 * Freezes processes again and again: to others they look slow.
 *
 * @returns what lets them run as they should
 */
export function stuttering(
  pids: readonly number[],
  { stopMs, runMs }: { stopMs: number; runMs: number },
): () => Promise<void> {
  let over = false;
  const loop = async () => {
    while (!over) {
      const goOn = frozen(...pids);
      await sleep(stopMs);
      goOn();
      await sleep(runMs);
    }
  };
  const running = loop();
  return async () => {
    over = true;
    await running;
  };
}
