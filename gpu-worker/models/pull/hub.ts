import { HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { ExponentialBackoff, handleAll, noJitterGenerator, retry } from 'cockatiel';
import { UserError } from '../../../platform/config/user-error.ts';
import type { HubConfig } from './config.ts';
import { commitSchema } from './hub-file.ts';

/** A file as the hub lists it, unchecked. */
export interface ListedFile {
  path: string;
  size: number;
  checksum: { kind: 'sha256' | 'git'; value: string };
}

const RETRIES = 5;
/** Wait before the next attempt, in ms; doubled each time. */
export const BACKOFF = { initialDelay: 250, maxDelay: 15_000 };
/** Of a question whose answer is small; files have a limit of their own. */
const ANSWER_TIMEOUT_MS = 30_000;

/** The hub, or a mirror at `HF_ENDPOINT`. Requests that fail for the moment are tried again. */
export class Hub {
  readonly #config: HubConfig;

  constructor(config: HubConfig) {
    this.#config = config;
  }

  /**
   * The commit that a branch, tag or commit of a repository is now.
   *
   * @returns 40 hex digits
   */
  async commitOf(repository: string, revision: string): Promise<string> {
    const { HF_ENDPOINT: hubUrl } = this.#config;
    try {
      const info = await modelInfo({
        name: repository,
        revision,
        hubUrl,
        additionalFields: ['sha'],
        fetch: this.#ask,
      });
      const commit = commitSchema.safeParse(info.sha);
      if (commit.success) return commit.data;
    } catch (error) {
      throw explained(error, hubUrl, `${repository} at ${revision}`);
    }
    throw new UserError(`${hubUrl} does not say which commit ${repository} at ${revision} is.`);
  }

  /** Every file of a commit, unchecked. */
  async files(repository: string, commit: string): Promise<ListedFile[]> {
    const { HF_ENDPOINT: hubUrl } = this.#config;
    const files: ListedFile[] = [];
    try {
      const listed = listFiles({ repo: repository, revision: commit, recursive: true, hubUrl, fetch: this.#ask });
      for await (const { type, path, size, oid, lfs } of listed) {
        if (type !== 'file') continue;
        const checksum = lfs
          ? { kind: 'sha256' as const, value: lfs.oid.replace(/^sha256:/, '') }
          : { kind: 'git' as const, value: oid ?? '' };
        files.push({ path, size, checksum });
      }
    } catch (error) {
      throw explained(error, hubUrl, `the files of ${repository} at ${commit}`);
    }
    return files;
  }

  /** Asks for a file from byte `from` on; redirects (to where large files lie) are followed. */
  file(repository: string, commit: string, path: string, from: number, signal: AbortSignal): Promise<Response> {
    const name = path.split('/').map(encodeURIComponent).join('/');
    return fetch(`${this.#config.HF_ENDPOINT}/${repository}/resolve/${commit}/${name}`, {
      // Compressed on the way, its bytes could not be counted.
      headers: { ...this.#headers(), 'accept-encoding': 'identity', range: `bytes=${from}-` },
      signal,
    });
  }

  #headers(): Record<string, string> {
    const { HF_TOKEN } = this.#config;
    return { 'user-agent': 'kinora', ...(HF_TOKEN && { authorization: `Bearer ${HF_TOKEN}` }) };
  }

  readonly #ask: typeof fetch = (input, init) => {
    const request = { ...init, headers: { ...this.#headers(), accept: 'application/json' } };
    return patiently.execute(() => fetch(input, { ...request, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }));
  };
}

/** The last answer counts, whatever it is. */
const patiently = retry(
  handleAll.orWhenResult((response) => mayRecover((response as Response).status)),
  { maxAttempts: RETRIES, backoff: new ExponentialBackoff({ ...BACKOFF, generator: noJitterGenerator }) },
);

/** Whether asking again can help. */
export function mayRecover(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Says what an operator can do about it. */
function explained(error: unknown, endpoint: string, what: string): Error {
  if (error instanceof HubApiError) {
    const { statusCode } = error;
    if (statusCode === 401 || statusCode === 403) {
      return new UserError(`${endpoint} refuses ${what} (${statusCode}): set HF_TOKEN to a token that may read it.`);
    }
    if (statusCode === 404) return new UserError(`${endpoint} has no ${what}.`);
    return new UserError(`${endpoint} answers ${statusCode} to a request for ${what}.`);
  }
  const { message, cause } = error as Error;
  const why = cause instanceof Error ? cause.message : message;
  return new UserError(`${endpoint} cannot be reached: ${why}. HF_ENDPOINT names another; --offline does without.`);
}
