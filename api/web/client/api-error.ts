/** An error that the API answered with. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Row of the API's error table; empty where something else answered, such as a proxy. */
  readonly code: string;
  /** The field that is at fault. */
  readonly param: string | null;
  /** Seconds after which another try makes sense; null where the server did not say. */
  readonly retryAfterS: number | null;

  constructor(status: number, headers: Headers, body: unknown) {
    const { message, code, param } = envelope(body);
    super(message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = code ?? '';
    this.param = param ?? null;
    this.retryAfterS = retryAfterS(headers.get('retry-after'));
  }

  /** True where the server does not know the address at all: it is older or newer than the page. */
  get isUnknownRoute(): boolean {
    return this.code === 'unknown_url' || this.code === 'method_not_allowed';
  }
}

/** No answer came: the browser is offline, or the server is. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Worth another try: no answer, a busy server, or a stream that broke off (which is a TypeError). */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status >= 500;
  return error instanceof UnreachableError || error instanceof TypeError;
}

function envelope(body: unknown): { message?: string; code?: string | null; param?: string | null } {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'object' && error !== null ? error : {};
}

/** Of a number of seconds, or of a date, as proxies send it. */
function retryAfterS(value: string | null): number | null {
  if (value === null) return null;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
