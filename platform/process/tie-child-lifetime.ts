import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Ends a third-party program when this process is gone, even by SIGKILL. A shell waits at a pipe that closes then. It is
 * ended with the program, so that it never kills another one under the same id.
 */
export function tieChildLifetime(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  const shell = spawn('sh', ['-c', 'read -r _; kill "$0"', String(child.pid)], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C in a terminal is not for it.
    detached: true,
  });
  // Where there is no shell, nothing is lost but this.
  shell.on('error', () => {});
  shell.unref();
  // There is none where the process may have no more files open.
  (shell.stdin as Socket | undefined)?.unref();
  child.once('exit', () => shell.kill('SIGKILL'));
}
