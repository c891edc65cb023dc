import type { Response } from 'express';

/** One server-sent event. */
export interface ServerEvent {
  /** Name of the event. */
  event: string;
  /** What the client sends as `Last-Event-ID` when it comes back. */
  id: string;
  data: unknown;
}

/** A comment so often keeps proxies from taking a quiet stream for a dead one. */
const KEEP_ALIVE_MS = 15_000;
/** Comments that a client may leave unread before it is taken for gone. */
const PATIENCE = 4;
/** The longest that a client may take to read what is left of a stream that has ended, in ms. */
const LINGER_MS = 60_000;
/** When a client whose stream broke off comes back, in ms. */
const RETRY_MS = 500;

/**
 * A response as a stream of server-sent events (WHATWG HTML, §9.2). A client that reads slower than events come gets the
 * newest only: nothing is queued for it.
 */
export class EventStream {
  readonly #res: Response;
  readonly #keepAlive: NodeJS.Timeout;
  #waiting: ServerEvent | null = null;
  #blocked = false;
  #ending = false;
  #unread = 0;

  /** Sends the head, so that the client knows at once that it is connected. */
  constructor(res: Response) {
    this.#res = res;
    res.set({
      'content-type': 'text/event-stream; charset=utf-8',
      // Neither kept, nor compressed and so held back, nor buffered by nginx.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // It ends with the stream: a client that kept it would have to have read all of what came, too.
      connection: 'close',
    });
    res.flushHeaders();
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.#keepAlive = setInterval(() => this.#beat(), KEEP_ALIVE_MS);
    res.on('drain', () => this.#drained());
    res.once('close', () => clearInterval(this.#keepAlive));
  }

  /** Sends an event, or keeps it in place of the one that waits for a slow client. */
  send(event: ServerEvent): void {
    if (this.#ending) return;
    if (this.#blocked) this.#waiting = event;
    else this.#write(format(event));
  }

  /** Ends the stream with a last event, once the client has taken what waits for it. */
  finish(last: ServerEvent): void {
    if (this.#ending) return;
    const text = (this.#waiting ? format(this.#waiting) : '') + format(last);
    this.#waiting = null;
    this.#write(text);
    this.end();
  }

  /** Ends the stream without a word: the client comes back, to this process or another. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    clearInterval(this.#keepAlive);
    const late = setTimeout(() => this.#res.destroy(), LINGER_MS).unref();
    this.#res.once('close', () => clearTimeout(late));
    this.#res.end();
  }

  #beat(): void {
    if (!this.#blocked) this.#write(': keep-alive\n\n');
    else if (++this.#unread === PATIENCE) this.#res.destroy();
  }

  #drained(): void {
    this.#blocked = false;
    this.#unread = 0;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) this.send(waiting);
  }

  #write(text: string): void {
    this.#blocked = !this.#res.write(text);
  }
}

/** JSON has no line breaks, so that an event's data is one line. */
const format = ({ event, id, data }: ServerEvent): string =>
  `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
