import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';
import { goBuild } from './go-build.ts';
import { UserError } from './user-error.ts';

/** The version that is fetched or built; the one in go.mod. One on PATH may be another. */
export const CLI_VERSION = '1.8.2';
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
/** Project root; this file runs as dist/temporal/cli.js. */
const ROOT = new URL('../../', import.meta.url);

export interface FindCliOptions {
  env?: NodeJS.ProcessEnv;
  /** One line at a time, for whoever waits. */
  progress?: (line: string) => void;
  /** Where downloads come from. @default 'https://temporal.download' */
  downloadUrl?: string;
  /** Milliseconds in which the download's first byte must have come, and between any two later ones. @default 5000 */
  downloadTimeoutMs?: number;
  /** Gives up, whatever is under way. */
  signal?: AbortSignal;
}

/** No way led to the Temporal CLI; the message says what was tried and what to do. */
export class CliNotFoundError extends UserError {
  override readonly name = 'CliNotFoundError';
}

/**
 * The Temporal CLI: the program that `TEMPORAL_CLI` names, else the one on PATH, else the cached one, else downloaded
 * into the cache, else built there by Go.
 *
 * @returns its path. @throws CliNotFoundError
 */
export async function findTemporalCli(options: FindCliOptions = {}): Promise<string> {
  const { env = process.env, progress = () => {} } = options;
  const named = env['TEMPORAL_CLI'];
  if (named) {
    if (await isProgram(named)) return named;
    throw new CliNotFoundError(`TEMPORAL_CLI=${named} is not a program that can be run. Correct it or unset it.`);
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, PROGRAM);
    if (await isProgram(path)) return path;
  }
  const cached = join(cacheFolder(env), `temporal-${CLI_VERSION}`, PROGRAM);
  if (await isProgram(cached)) return cached;

  const tried = ['TEMPORAL_CLI is not set', `no ${PROGRAM} on PATH`, `none at ${cached}`];
  const ways = [
    { name: 'download', get: () => download(cached, options) },
    { name: 'build with Go', get: () => build(cached, options) },
  ];
  for (const way of ways) {
    try {
      await way.get();
      progress(`Temporal CLI ${CLI_VERSION} is at ${cached}`);
      return cached;
    } catch (error) {
      options.signal?.throwIfAborted();
      tried.push(`${way.name}: ${(error as Error).message}`);
      progress(`Temporal CLI: ${tried.at(-1)}`);
    }
  }
  throw new CliNotFoundError(
    `The Temporal CLI could not be found or made:\n${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      `Install it (https://docs.temporal.io/cli) and put it on PATH, or set TEMPORAL_CLI to the program, ` +
      `or install Go 1.26.4 or newer (https://go.dev/dl) and try again.`,
  );
}

/** The archive that Temporal publishes for this machine, unpacked by the system's `tar` (which reads zip on Windows). */
async function download(target: string, options: FindCliOptions): Promise<void> {
  const { progress = () => {}, downloadUrl = 'https://temporal.download', downloadTimeoutMs = 5_000 } = options;
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = `${downloadUrl}/cli/archive/v${CLI_VERSION}?platform=${platform}&arch=${arch}`;
  progress(`Downloading the Temporal CLI ${CLI_VERSION} from ${downloadUrl} …`);
  const stalled = new AbortController();
  const signal = options.signal ? AbortSignal.any([stalled.signal, options.signal]) : stalled.signal;
  const timer = setTimeout(
    () => stalled.abort(new Error(`no data from ${downloadUrl} for ${downloadTimeoutMs / 1000} s`)),
    downloadTimeoutMs,
  );
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), 'download-'));
  const archive = join(work, 'archive');
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
    const totalMb = Number(response.headers.get('content-length') ?? 0) / 1e6;
    let bytes = 0;
    let told = Date.now();
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        timer.refresh();
        bytes += chunk.length;
        if (Date.now() - told > 2_000) {
          told = Date.now();
          progress(`  ${(bytes / 1e6).toFixed(0)} MB${totalMb > 0 ? ` of ${totalMb.toFixed(0)} MB` : ''}`);
        }
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body as never), meter, createWriteStream(archive), { signal });
    await promisify(execFile)('tar', ['-xf', archive, '-C', work, PROGRAM], { env: options.env ?? process.env });
    await chmod(join(work, PROGRAM), 0o755);
    await rename(join(work, PROGRAM), target);
  } catch (error) {
    const reason = stalled.signal.aborted ? stalled.signal.reason : error;
    const { message, cause } = reason as Error & { cause?: Partial<Error> };
    throw new Error(cause?.message ? `${message} (${cause.message})` : message, { cause: error });
  } finally {
    clearTimeout(timer);
    await rm(work, { recursive: true, force: true });
  }
}

async function build(target: string, { progress = () => {}, env, signal }: FindCliOptions): Promise<void> {
  progress(`Building the Temporal CLI ${CLI_VERSION} with Go; the first time takes several minutes …`);
  await goBuild({
    module: fileURLToPath(new URL('temporal/', ROOT)),
    package: 'github.com/temporalio/cli/cmd/temporal',
    output: target,
    progress: (elapsedS) => progress(`  still building, ${elapsedS} s`),
    env,
    signal,
  });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
