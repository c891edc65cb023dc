import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What is read of a body after its request was answered, and for how long, so that the client sees the answer and not a reset. */
const MOST_BYTES = 2 ** 20;
const MOST_MS = 2_000;
/** A client that sends nothing for so long has stopped, or will never go on, in ms. */
const QUIET_MS = 300;
/** Between two checks of how much came, in ms. */
const LOOK_MS = 50;

/** Connections of which more was coming: nothing else is read of them. */
const spent = new WeakSet<Socket>();

/**
 * Waits for the rest of a body that is not wanted, and throws it away.
 *
 * @returns false where too much came, or it took too long or broke off: the connection cannot be used again. By then the
 *   client has had time to read its answer.
 */
export function leftover(req: IncomingMessage, socket: Socket = req.socket): Promise<boolean> {
  if (req.complete) return Promise.resolve(true);
  if (spent.has(socket)) return Promise.resolve(false);
  const before = socket.bytesRead;
  const begunAt = performance.now();
  let seen = { bytes: before, at: begunAt };
  const stopAtMost = () => socket.bytesRead - before > MOST_BYTES && socket.pause();
  // After the answer Node throws the body away itself, and emits no event.
  req.on('data', stopAtMost).resume();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      stopAtMost();
      const now = performance.now();
      const bytes = socket.bytesRead;
      if (bytes > seen.bytes) seen = { bytes, at: now };
      const over = now - begunAt > MOST_MS || now - seen.at > QUIET_MS;
      if (!req.complete && !socket.destroyed && !over) return;
      clearInterval(timer);
      req.off('data', stopAtMost);
      if (!req.complete) spent.add(socket);
      resolve(req.complete);
    }, LOOK_MS);
  });
}
