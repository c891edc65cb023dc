import { ApiError, UnreachableError } from './api-error.ts';
import { session } from './session.ts';

export interface RequestOptions {
  method?: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Sent as JSON; a file as it is. */
  body?: object | Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The request goes on when the page is left. @default false */
  keepalive?: boolean;
  /** Time limit for the answer. @default none */
  timeoutMs?: number;
}

/** Address of an endpoint; relative, so that the page also works below a path of a reverse proxy. */
export const apiPath = (path: string): string => `v1/${path}`;

/**
 * Sends a request to the API, with the viewer's key.
 *
 * @throws ApiError, UnreachableError; DOMException `AbortError`
 */
export async function request(
  path: string,
  { method, body, headers, signal, keepalive, timeoutMs }: RequestOptions = {},
): Promise<Response> {
  const { apiKey } = session.get();
  let response: Response;
  try {
    response = await fetch(apiPath(path), {
      method,
      keepalive,
      signal:
        timeoutMs === undefined
          ? signal
          : AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
      body: body instanceof Blob ? body : body && JSON.stringify(body),
      headers: {
        ...(body && { 'content-type': body instanceof Blob ? body.type : 'application/json' }),
        ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }),
        ...headers,
      },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable(error);
  }
  // These mean that something behind it did not answer: Temporal, or the server behind a proxy.
  session.update({ reachable: ![502, 503, 504].includes(response.status) });
  if (response.ok) return response;
  const failure = new ApiError(response.status, response.headers, await response.json().catch(() => null));
  // The viewer may have entered another key meanwhile.
  if (failure.status === 401 && apiKey === session.get().apiKey) session.update({ needsKey: true });
  throw failure;
}

/** Longer than the API's own time limits, in ms. */
const TIMEOUT_MS = 30_000;

/** @throws as `request`; UnreachableError also for half an answer, or one that is not JSON */
export async function requestJson<T>(path: string, options?: RequestOptions): Promise<T> {
  const response = await request(path, { timeoutMs: TIMEOUT_MS, ...options });
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw unreachable(error);
  }
}

function unreachable(cause: unknown): UnreachableError {
  session.update({ reachable: false });
  return new UnreachableError('The server is not responding.', { cause });
}
