import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { PATIENCE_MS } from '../../../tools/harness/patience.ts';

export interface ReceivedEvent {
  event: string;
  id: string;
  data: Record<string, unknown>;
  /** When it came, `performance.now()` ms. */
  at: number;
}

export interface EventClientOptions {
  /** What an earlier client saw last. */
  lastEventId?: string;
  /** False keeps it to one connection. @default true */
  reconnect?: boolean;
}

/** A client of server-sent events, as browsers have it: it comes back when its stream breaks off. */
export class EventClient {
  readonly events: ReceivedEvent[] = [];
  readonly comments: string[] = [];
  /** Of each connection. */
  readonly responses: Response[] = [];
  /** The server's word on when to come back, in ms. */
  retryMs: number | null = null;
  /** The server said that there is nothing more, or answered an error. */
  readonly ended: Promise<void>;
  readonly #closing = new AbortController();

  /** @param urls taken in turn, one for each connection, as a load balancer does */
  constructor(urls: string[], { lastEventId = '', reconnect = true }: EventClientOptions = {}) {
    this.ended = this.#run(urls, lastEventId, reconnect);
  }

  get names(): string[] {
    return this.events.map(({ event }) => event);
  }

  /** Waits until an event is as wanted. */
  async until(wanted: (event: ReceivedEvent) => boolean, timeoutMs = PATIENCE_MS): Promise<ReceivedEvent> {
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(20)) {
      const found = this.events.find(wanted);
      if (found) return found;
    }
    throw new Error(`not within ${timeoutMs} ms; last: ${JSON.stringify(this.events.at(-1))}`);
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(urls: string[], lastEventId: string, reconnect: boolean): Promise<void> {
    for (let connection = 0; !this.#closing.signal.aborted; connection++) {
      const last = this.events.findLast(({ id }) => id !== '')?.id ?? lastEventId;
      const goesOn = await this.#connect(urls[connection % urls.length]!, last).catch(() => true);
      if (!goesOn || !reconnect || this.names.at(-1) === 'end') return;
      await sleep(this.retryMs ?? 3000, undefined, { signal: this.#closing.signal }).catch(() => {});
    }
  }

  /** @returns false where the server does not want it to come back */
  async #connect(url: string, lastEventId: string): Promise<boolean> {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...(lastEventId !== '' && { 'last-event-id': lastEventId }) },
      signal: this.#closing.signal,
    });
    this.responses.push(response);
    if (response.status !== 200) return false;
    const parser = createParser({
      onEvent: ({ event = 'message', id = '', data }) => {
        const parsed = JSON.parse(data) as Record<string, unknown>;
        this.events.push({ event, id, data: parsed, at: performance.now() });
      },
      onComment: (comment) => this.comments.push(comment),
      onRetry: (ms) => (this.retryMs = ms),
    });
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    return true;
  }
}
