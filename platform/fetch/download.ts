import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { timeLimit } from '../flow/deadline.ts';

export interface FetchOptions {
  /** @default process.env */
  env?: NodeJS.ProcessEnv;
  /** One line at a time, for people who wait. */
  progress?: (line: string) => void;
  /** Gives up, whatever is under way. */
  signal?: AbortSignal;
  /** Milliseconds in which the first byte must have come, and between any two later ones. @default 10000 */
  stallMs?: number;
}

export interface Download extends FetchOptions {
  /** http or https; a user and password in it are sent as such. */
  url: string;
  /** File to make. */
  to: string;
  /** The SHA-256 that its content must have, in hex; any of several. */
  sha256: string | readonly string[];
}

/** Of a whole download, however steadily it trickles. */
const MOST_MS = 10 * 60_000;
/** Between two lines of progress. */
const TELL_EVERY_MS = 2_000;

/**
 * Downloads a file and checks its content.
 *
 * @throws Error that says what is wrong with the address, the answer or the content; the file may be there all the same.
 */
export async function download({ url, to, sha256, progress, signal, stallMs = 10_000 }: Download): Promise<void> {
  const answer = await get(url, { signal, stallMs });
  try {
    const meter = tellProgress(Number(answer.response.headers.get('content-length') ?? 0), progress);
    const body = Readable.fromWeb(answer.response.body as never);
    await pipeline(body, answer.watch, meter, createWriteStream(to), { signal: answer.signal });
  } catch (error) {
    throw answer.reason(error);
  } finally {
    answer.done();
  }
  await assertSha256(to, sha256);
}

/** The text at an address. @throws Error as `download` does */
export async function fetchText(
  url: string,
  { accept, ...options }: FetchOptions & { accept: string },
): Promise<{ text: string; url: string }> {
  const answer = await get(url, { ...options, headers: { accept } });
  try {
    return { text: await answer.response.text(), url: answer.response.url };
  } catch (error) {
    throw answer.reason(error);
  } finally {
    answer.done();
  }
}

/** @throws Error where a file's content is not what it should be */
export async function assertSha256(path: string, expected: string | readonly string[]): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (![expected].flat().includes(found)) {
    throw new Error(
      `its content is not what it should be: SHA-256 ${found} in place of ${[expected].flat().join(' or ')}`,
    );
  }
}

interface Answer {
  response: Response;
  /** Ends with the wait for more. */
  signal: AbortSignal;
  /** Sees that more comes. */
  watch: Transform;
  /** An error as people should read it. */
  reason(error: unknown): Error;
  done(): void;
}

async function get(
  url: string,
  { signal, stallMs = 10_000, headers = {} }: FetchOptions & { headers?: Record<string, string> },
): Promise<Answer> {
  const { href, shown, authorization } = withoutUser(url);
  const stalled = new AbortController();
  const all = timeLimit(MOST_MS, stalled.signal, ...(signal ? [signal] : []));
  const timer = setTimeout(() => stalled.abort(new Error(`no data from ${shown} for ${stallMs / 1000} s`)), stallMs);
  const watch = new Transform({
    transform(chunk, _encoding, done) {
      timer.refresh();
      done(null, chunk);
    },
  });
  const reason = (error: unknown): Error => {
    const { message, cause } = (stalled.signal.aborted ? stalled.signal.reason : error) as Error & { cause?: Error };
    return new Error(cause?.message ? `${message} (${cause.message})` : message, { cause: error });
  };
  const done = () => clearTimeout(timer);
  try {
    const response = await fetch(href, { signal: all, headers: { ...headers, ...authorization } });
    if (!response.ok || !response.body) throw new Error(`${shown} answered ${response.status}`);
    return { response, signal: all, watch, reason, done };
  } catch (error) {
    done();
    throw reason(error);
  }
}

/** `fetch` takes no address with a user in it, and a password must not be shown. */
function withoutUser(address: string): { href: string; shown: string; authorization?: { authorization: string } } {
  const url = new URL(address);
  const user = decodeURIComponent(`${url.username}:${url.password}`);
  url.username = url.password = '';
  const shown = `${url.origin}${url.pathname}`;
  if (user === ':') return { href: url.href, shown };
  return { href: url.href, shown, authorization: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } };
}

function tellProgress(totalBytes: number, progress: (line: string) => void = () => {}): Transform {
  let bytes = 0;
  let told = Date.now();
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (Date.now() - told > TELL_EVERY_MS) {
        told = Date.now();
        progress(`  ${howFar(bytes, totalBytes)}`);
      }
      done(null, chunk);
    },
  });
}

/** E.g. `12 of 45 MB`; without the total where it is 0. */
export const howFar = (bytes: number, totalBytes: number) =>
  `${(bytes / 1e6).toFixed(0)}${totalBytes > 0 ? ` of ${(totalBytes / 1e6).toFixed(0)}` : ''} MB`;
