import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { SystemUser } from './postgres-programs.ts';

/**
 * Ends a PostgreSQL cluster at once and removes its folder when this process is gone, even by SIGKILL: a shell waits at a pipe
 * that closes then.
 *
 * @returns does the same now
 */
export function endWithThisProcess(folder: string, data: string, pgCtl: string, user: SystemUser): () => Promise<void> {
  const script = 'read -r _; "$0" stop --silent --mode=immediate --pgdata "$1"; rm -rf "$2"';
  const shell = spawn('sh', ['-c', script, pgCtl, data, folder], {
    ...user,
    env: { PATH: process.env['PATH'] },
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C in a terminal is not for it.
    detached: true,
  });
  const ended = once(shell, 'close');
  shell.unref();
  const pipe = shell.stdin as unknown as Socket;
  pipe.unref();
  return async () => {
    shell.ref();
    pipe.end();
    await ended;
  };
}
