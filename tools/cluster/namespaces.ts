import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { tieChildLifetime } from '../../platform/process/tie-child-lifetime.ts';

const INSIDE = fileURLToPath(new URL('inside.js', import.meta.url));

/**
 * Runs `inside.ts` in namespaces of its own (network, mounts, processes, host name), so that nothing of this machine is
 * touched and nothing outlives it: the first process inside is a shell that reaps what containers leave behind.
 *
 * @param settings file with the settings of `inside.ts`
 * @returns its exit code
 */
export async function runInside(settings: string): Promise<number> {
  const own = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  const shell = ['bash', '-c', '"$@" & wait $!', 'bash', process.execPath, INSIDE, settings];
  const child = spawn('unshare', [...own, ...shell], { stdio: ['ignore', 'inherit', 'inherit'] });
  tieChildLifetime(child);
  const end = () => child.kill('SIGKILL');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  const [code] = (await once(child, 'exit')) as [number | null];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  return code ?? 1;
}
