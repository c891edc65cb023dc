/** An error response of the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Code of the API's error table; empty if something else answered, such as a proxy. */
  readonly code: string;
  /** Name of the invalid field. */
  readonly param: string | null;
  /** From `retry-after`, in seconds; null if absent. */
  readonly retryAfterS: number | null;

  constructor(status: number, headers: Headers, body: unknown) {
    const { message, code, param } = envelope(body);
    super(message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = code ?? '';
    this.param = param ?? null;
    this.retryAfterS = retryAfterS(headers.get('retry-after'));
  }

  /** The server has no such route: its version is not the page's. */
  get isUnknownRoute(): boolean {
    return this.code === 'unknown_url' || this.code === 'method_not_allowed';
  }
}

/** There was no answer: the browser or the server is offline. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Worth a retry: no answer, a busy server, or a broken stream (a TypeError). */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status >= 500;
  return error instanceof UnreachableError || error instanceof TypeError;
}

function envelope(body: unknown): { message?: string; code?: string | null; param?: string | null } {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'object' && error !== null ? error : {};
}

/** @param value seconds, or a date as some proxies send it */
function retryAfterS(value: string | null): number | null {
  if (value === null) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
