import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of a connection that may wait for the one before them; what a client pipelines beyond that is not answered. */
const MOST_WAITING = 32;

/**
 * Handles the requests of a connection one after the other, as they have to be answered anyway: however many a client
 * pipelines, it has one at work at a time, and none once it has gone.
 */
export function oneAtATime(listener: RequestListener): RequestListener {
  /** Of each connection that has a request at work: what waits. */
  const lines = new WeakMap<Socket, (() => void)[]>();
  // In a turn of the event loop of its own, so that those of other connections come in between.
  const beginNext = (socket: Socket) => {
    const next = lines.get(socket)?.shift();
    if (next === undefined || socket.destroyed) lines.delete(socket);
    else next();
  };
  return (req, res) => {
    const { socket } = req;
    const begin = () => {
      res.once('close', () => setImmediate(beginNext, socket));
      listener(req, res);
    };
    const line = lines.get(socket);
    if (line === undefined) {
      lines.set(socket, []);
      begin();
    } else if (line.length < MOST_WAITING) {
      line.push(begin);
      if (line.length < MOST_WAITING) return;
      // The last one that is answered says so, and the connection ends with it (RFC 9112 §9.6).
      res.setHeader('connection', 'close');
      socket.pause();
      // What came with it in the same piece, hundreds perhaps, is not even parsed.
      (socket as Socket & { parser?: { pause?(): void } | null }).parser?.pause?.();
    }
  };
}
