import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { timeLimit } from '../flow/deadline.ts';
import { makeFile } from './cache.ts';

export interface GoBuild {
  /** Folder of the module (go.mod with a `tool` line, go.sum). */
  module: string;
  /** Go package of the program, e.g. `github.com/temporalio/cli/cmd/temporal`. */
  package: string;
  /** File to make. */
  output: string;
  /** Called now and then with how far it is, e.g. `40 s, 312 of 589 packages`. */
  progress?: (howFar: string) => void;
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** Stops the build. */
  signal?: AbortSignal;
}

/** Go may wait for ever for a module that does not come. */
const MOST_MS = 30 * 60_000;
const TELL_EVERY_MS = 10_000;

/**
 * Builds a program of a Go module.
 *
 * @throws Error with the end of Go's own words, e.g. where Go is missing or too old, or that it took too long.
 */
export async function goBuild({
  module,
  package: name,
  output,
  progress,
  env = process.env,
  signal,
}: GoBuild): Promise<void> {
  const since = Date.now();
  // Not `timeout`: where Go is missing, that one's timer would hold the process.
  const options = { cwd: module, env, signal: timeLimit(MOST_MS, ...(signal ? [signal] : [])) };
  let packages = 0;
  let built = 0;
  const timer = setInterval(() => {
    const far = built === 0 ? '' : `, ${built}${packages > 0 ? ` of ${packages}` : ''} packages`;
    progress?.(`${Math.round((Date.now() - since) / 1000)} s${far}`);
  }, TELL_EVERY_MS);
  try {
    packages = await promisify(execFile)('go', ['list', '-deps', name], { ...options, maxBuffer: 1e7 }).then(
      ({ stdout }) => stdout.trim().split('\n').length,
      // The build says it better.
      () => 0,
    );
    await makeFile(output, async (temporary) => {
      const args = ['build', '-v', '-trimpath', '-ldflags', '-s -w', '-o', temporary, name];
      const child = spawn('go', args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-2_000);
        built += text.split('\n').length - 1;
      });
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(said.trim().split('\n').slice(-3).join('; ') || `go build ended with ${code}`);
    });
  } catch (error) {
    if (options.signal.aborted && !signal?.aborted)
      throw new Error(`go build was ended after ${MOST_MS / 60_000} min`, { cause: error });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(code === 'ENOENT' ? 'Go is not installed' : message, { cause: error });
  } finally {
    clearInterval(timer);
  }
}
