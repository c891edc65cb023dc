/** Where pip gets its packages, with pip and without. */
import { execFile } from 'node:child_process';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FetchOptions, fetchText, howFar } from './download.ts';
import type { Wheel, WheelFile } from './wheel.ts';

/** While pip is watched: how often the size of what it has is read. */
const MEASURE_EVERY_MS = 500;
const TELL_EVERY_MS = 2_000;
/** pip may look for proxies and passwords first. */
const STALL_MS = 30_000;

/**
 * Has pip download a wheel into a folder, and check its SHA-256.
 *
 * @throws Error with the end of pip's own words, or that there is no pip
 */
export async function pipDownload(
  { project, version }: Wheel,
  { sha256, bytes }: WheelFile,
  folder: string,
  { env = process.env, progress, signal, stallMs = STALL_MS }: FetchOptions,
): Promise<void> {
  const wanted = join(folder, 'requirements.txt');
  await writeFile(wanted, `${project}==${version} --hash=sha256:${sha256}\n`);
  const args = ['download', '--no-deps', '--only-binary=:all:', '--no-input', '--quiet', '--retries=1'];
  const stalled = new AbortController();
  const pip = promisify(execFile)(
    'python3',
    ['-m', 'pip', ...args, `--timeout=${Math.ceil(stallMs / 1000)}`, `--dest=${folder}`, `--requirement=${wanted}`],
    {
      // What it has so far lies in the folder too; a Python environment was not asked for.
      env: { ...env, TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      signal: signal ? AbortSignal.any([stalled.signal, signal]) : stalled.signal,
    },
  );
  const stop = watchSize(
    folder,
    (size, growing, telling) => {
      if (!growing) stalled.abort();
      else if (telling && size > 1e5) progress?.(`  ${howFar(size, bytes)}`);
    },
    stallMs,
  );
  try {
    await pip;
  } catch (error) {
    const { code, stderr = '', message } = error as Error & { code?: string; stderr?: string };
    if (stalled.signal.aborted) throw new Error(`no data for ${stallMs / 1000} s`, { cause: error });
    if (code === 'ENOENT') throw new Error('there is no Python', { cause: error });
    throw new Error(stderr.trim().split('\n').at(-1) || message, { cause: error });
  } finally {
    stop();
  }
}

/** Tells the size of a folder again and again, and whether it has grown within `stallMs`. */
function watchSize(
  folder: string,
  tell: (bytes: number, growing: boolean, telling: boolean) => void,
  stallMs: number,
): () => void {
  let most = -1;
  let grewAt = Date.now();
  let toldAt = Date.now();
  const measure = async () => {
    const size = await sizeOf(folder).catch(() => most);
    const now = Date.now();
    if (size > most) [most, grewAt] = [size, now];
    const telling = now - toldAt > TELL_EVERY_MS;
    if (telling) toldAt = now;
    tell(size, now - grewAt < stallMs, telling);
  };
  const timer = setInterval(() => void measure(), MEASURE_EVERY_MS);
  return () => clearInterval(timer);
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder, { recursive: true })).map((path) =>
    stat(join(folder, path)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * Address of a wheel in the index that pip is configured for, which every index says in HTML
 * (https://packaging.python.org/en/latest/specifications/simple-repository-api/).
 */
export async function wheelAddress(wheel: Wheel, file: WheelFile, options: FetchOptions): Promise<string> {
  const index = await indexUrl(options.env ?? process.env);
  const page = await fetchText(`${index.replace(/\/*$/, '')}/${wheel.project}/`, { ...options, accept: 'text/html' });
  for (const [, href = ''] of page.text.matchAll(/href\s*=\s*["']([^"']*)["']/g)) {
    const url = new URL(href.replaceAll('&amp;', '&'), page.url);
    if (decodeURIComponent(url.pathname).endsWith(`/${file.name}`)) return withUserOf(index, url);
  }
  throw new Error(`${new URL(index).host} has no ${file.name}`);
}

/** An index that asks for a password asks for it at its files too; other hosts are not told. */
function withUserOf(index: string, url: URL): string {
  const { host, username, password } = new URL(index);
  if (url.host === host) Object.assign(url, { username, password });
  return url.href;
}

/** What `PIP_INDEX_URL` or pip's files say, else PyPI. */
async function indexUrl(env: NodeJS.ProcessEnv): Promise<string> {
  if (env['PIP_INDEX_URL']) return env['PIP_INDEX_URL'];
  const { HOME: home = '/', PIP_CONFIG_FILE: named } = env;
  const own = [join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'pip/pip.conf'), join(home, '.pip/pip.conf')];
  for (const file of [...(named ? [named] : []), ...own, '/etc/pip.conf']) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const url = /^\s*index[-_]url\s*[=:]\s*(\S+)/m.exec(text)?.[1];
    if (url) return url;
  }
  return 'https://pypi.org/simple';
}
