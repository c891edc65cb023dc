import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Running } from './part.ts';

const DIST = new URL('../../', import.meta.url);

export interface ProgramOptions {
  /** Compiled, relative to dist/. */
  program: string;
  env: NodeJS.ProcessEnv;
  /** Everything that it writes is added to it. */
  logFile: string;
  /** Given each line of its standard output. */
  take: (line: string) => void;
}

/** Starts a process of the service, which ends with this one. */
export function launchProgram({ program, env, logFile, take }: ProgramOptions): Running {
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(
    process.execPath,
    ['--import', new URL('local/end-with-parent.js', DIST).href, fileURLToPath(new URL(program, DIST))],
    { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  createInterface({ input: child.stdout! }).on('line', (line) => {
    log.write(`${line}\n`);
    take(line);
  });
  child.stderr!.on('data', (text: Buffer) => log.write(text));
  const exited = once(child, 'exit');
  void once(child, 'close').then(() => log.end());
  return { pid: child.pid!, exited };
}
