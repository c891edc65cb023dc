import { Agent, type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How an S3 server can be wrong: an error, no room, half of an object under a length that says so (`truncated`), a
 * connection that breaks off in the middle (`broken`), a bit of an object that tipped on its way in or out (`flipped`; out
 * without the checksum that would tell, as many servers have none), or an answer that comes byte by byte (`dribbled`).
 */
export const S3_SKEWS = ['500', '503', 'full', 'truncated', 'broken', 'flipped', 'dribbled'] as const;
export type S3Skew = (typeof S3_SKEWS)[number];

/** Every so many-th answer is skewed: the others show that the mood of a server is no proof of anything. */
const EVERY = 2;
const DRIBBLE = { bytes: 16, everyMs: 50 };

const ERRORS: Partial<Record<S3Skew, { status: number; code: string }>> = {
  '500': { status: 500, code: 'InternalError' },
  '503': { status: 503, code: 'SlowDown' },
  full: { status: 507, code: 'InsufficientStorage' },
};

/** An HTTP proxy in front of an S3 server that spoils what it is told to. */
export class S3Proxy {
  /** Null: everything passes as it is. */
  skew: S3Skew | null = null;
  /** Answers that were spoilt. */
  skewed = 0;
  readonly #target: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  #seen = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((req, res) => this.#handle(req, res));
  }

  /** @param target port of the real server */
  static async open(target: number): Promise<S3Proxy> {
    const proxy = new S3Proxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
  }

  #handle(req: IncomingMessage, res: ServerResponse): void {
    const skew = this.skew !== null && this.#seen++ % EVERY === 0 ? this.skew : null;
    const error = skew === null ? undefined : ERRORS[skew];
    if (error && (skew !== 'full' || req.method === 'PUT' || req.method === 'POST')) {
      this.skewed++;
      req.resume();
      res.writeHead(error.status, { 'content-type': 'application/xml', connection: 'close' });
      res.end(`<?xml version="1.0"?><Error><Code>${error.code}</Code><Message>skewed</Message></Error>`);
      return;
    }
    const { method, url: path, rawHeaders } = req;
    const options = { host: '127.0.0.1', port: this.#target, method, path, headers: rawHeaders as never };
    const upstream = request({ ...options, agent: this.#agent }, (answer) => this.#answer(answer, res, skew, method));
    upstream.on('error', () => res.destroy());
    res.on('close', () => upstream.destroy());
    if (skew === 'flipped' && method === 'PUT') {
      this.skewed++;
      req.on('data', (piece: Buffer) => upstream.write(flipped(piece))).on('end', () => upstream.end());
    } else {
      req.pipe(upstream);
    }
  }

  #answer(answer: IncomingMessage, res: ServerResponse, skew: S3Skew | null, method: string | undefined): void {
    const bytes = Number(answer.headers['content-length'] ?? 0);
    answer.on('error', () => res.destroy());
    const isObject = answer.headers['content-type'] !== 'application/xml';
    if (method !== 'GET' || bytes < 2 || skew === null || ERRORS[skew] || (skew === 'flipped' && !isObject)) {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders as never);
      answer.pipe(res);
      return;
    }
    this.skewed++;
    const parts: Buffer[] = [];
    answer.on('data', (piece: Buffer) => parts.push(piece));
    answer.once('end', () => this.#spoil(answer, res, skew, Buffer.concat(parts)));
  }

  #spoil(answer: IncomingMessage, res: ServerResponse, skew: S3Skew, body: Buffer): void {
    const half = body.subarray(0, body.length >> 1);
    for (let i = 0; i < answer.rawHeaders.length; i += 2) {
      const [name = '', value = ''] = answer.rawHeaders.slice(i, i + 2);
      if (skew === 'flipped' && name.toLowerCase().startsWith('x-amz-checksum')) continue;
      const isLength = name.toLowerCase() === 'content-length';
      res.setHeader(name, skew === 'truncated' && isLength ? half.length : value);
    }
    res.writeHead(answer.statusCode ?? 502);
    if (skew === 'truncated') res.end(half);
    else if (skew === 'broken') res.write(half, () => res.destroy());
    else if (skew === 'flipped') res.end(flipped(body));
    else this.#dribble(res, body);
  }

  #dribble(res: ServerResponse, body: Buffer): void {
    let sent = 0;
    const timer = setInterval(() => {
      const next = this.skew === 'dribbled' ? sent + DRIBBLE.bytes : body.length;
      res.write(body.subarray(sent, next));
      sent = next;
      if (sent >= body.length) {
        clearInterval(timer);
        res.end();
      }
    }, DRIBBLE.everyMs);
    res.once('close', () => clearInterval(timer));
  }
}

/** A copy with one bit the other way round, in the middle. */
export function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  if (copy.length > 0) copy[middle] = copy[middle]! ^ 1;
  return copy;
}
