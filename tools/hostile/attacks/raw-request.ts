import { connect, type Socket } from 'node:net';
import { statusOf } from '../../harness/client/raw-socket.ts';
import { ATTACKER_ADDRESS, type Target } from './target.ts';

export interface RawAnswer {
  status: number | 'closed' | 'silent';
  /** There was a `retry-after`. */
  retryAfter: boolean;
}

/** A connection from the attacker's address; what happens to it does not matter. */
export function openSocket({ host, port }: Target): Socket {
  const socket = connect({ host, port, localAddress: ATTACKER_ADDRESS });
  socket.on('error', () => {});
  return socket;
}

/** Of the first answer on a connection; `closed` where it ends without one. */
export function firstStatus(socket: Socket): Promise<number | 'closed'> {
  return new Promise((resolve) => {
    socket.once('data', (chunk) => resolve(statusOf(chunk)));
    socket.once('close', () => resolve('closed'));
  });
}

/**
 * Sends bytes as they are and ends the connection's own half.
 *
 * @param patienceMs in which an answer must have come, or the connection be closed
 */
export function sendRaw(target: Target, bytes: Uint8Array, patienceMs: number): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = openSocket(target);
    let head = '';
    const done = (status: RawAnswer['status']) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ status, retryAfter: /^retry-after:/im.test(head) });
    };
    const timer = setTimeout(() => done('silent'), patienceMs);
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      const status = statusOf(head);
      if (status === 100) head = head.slice(end + 4);
      else if (end >= 0 && status > 0) done(status);
    });
    socket.once('close', () => done('closed'));
    socket.end(bytes);
  });
}
