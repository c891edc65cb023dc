import type { IncomingMessage } from 'node:http';

/** Bytes of an unwanted body that are read and thrown away, so that the client sees the answer and not a reset. */
export const DRAIN_BYTES = 64 * 2 ** 20;
/** The longest that such a body may take, in ms. */
const DRAIN_MS = 10_000;

/**
 * Reads what is left of a request's body and throws it away.
 *
 * @returns false where it was more than {@link DRAIN_BYTES}, took too long or broke off: the connection cannot be used again.
 */
export function drain(req: IncomingMessage, maxBytes: number = DRAIN_BYTES): Promise<boolean> {
  if (req.complete) return Promise.resolve(true);
  if (req.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    let bytes = 0;
    const settle = (drained: boolean) => {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (!drained) req.pause();
      resolve(drained);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) settle(false);
    };
    const onEnd = () => settle(true);
    const onClose = () => settle(false);
    const timer = setTimeout(onClose, DRAIN_MS);
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose).resume();
  });
}
