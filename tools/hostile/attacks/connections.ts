import { setTimeout as sleep } from 'node:timers/promises';
import { each, type Attack, scaled, Tally, type Target } from './target.ts';
import { firstStatus, openSocket } from './raw-request.ts';

const head = ({ host, port, key }: Target, first: string, ...more: string[]) =>
  [first, `host: ${host}:${port}`, `authorization: Bearer ${key}`, ...more].join('\r\n');

/** Clients that send a letter now and then: half of them in the head, half in the body. */
export const slowClients: Attack = async (target) => {
  const tally = new Tally();
  const sockets = Array.from({ length: scaled(target, 2_000) }, (_, n) => {
    const socket = openSocket(target);
    const more =
      n % 2 === 0 ? '\r\nx-slow: ' : '\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n{"prompt":"';
    socket.write(head(target, 'POST /v1/videos HTTP/1.1') + more);
    void firstStatus(socket).then((status) => tally.add('a slow request', status, true));
    return socket;
  });
  for (let seconds = Math.ceil(30 * Math.min(1, target.scale * 3)); seconds > 0; seconds--) {
    for (const socket of sockets) if (!socket.destroyed) socket.write('a');
    await sleep(1_000);
  }
  for (const socket of sockets) socket.destroy();
  return tally;
};

/** Connections that ask 1,500 times without waiting, read nothing and leave. */
export const pipelining: Attack = async (target) => {
  const tally = new Tally();
  const paths = ['/v1/videos?limit=100', '/v1/videos?limit=50&order=asc', '/v1/account', '/healthz', '/openapi.json'];
  await each(scaled(target, 30), 3, async (n) => {
    const socket = openSocket(target);
    socket.pause();
    socket.write(`${head(target, `GET ${paths[n % paths.length]} HTTP/1.1`)}\r\n\r\n`.repeat(1_500));
    await sleep(500);
    socket.destroy();
    tally.add('1,500 requests', 'closed');
  });
  return tally;
};

/** Uploads of 64 MiB, half of them without a key. */
export const uploads: Attack = async (target) => {
  const tally = new Tally();
  const bytes = 64 << 20;
  const chunk = Buffer.alloc(1 << 20, 'a');
  await each(scaled(target, 60), 30, async (n) => {
    const whose = n % 2 === 0 ? target : { ...target, key: 'nobody' };
    const socket = openSocket(target);
    const answer = firstStatus(socket);
    socket.resume();
    const type = n % 3 === 0 ? 'application/json' : 'multipart/form-data; boundary=x';
    socket.write(
      `${head(whose, 'POST /v1/videos HTTP/1.1', `content-type: ${type}`, `content-length: ${bytes}`)}\r\n\r\n--x\r\n`,
    );
    for (let sent = 0; sent < bytes && !socket.destroyed; sent += chunk.length) {
      if (!socket.write(chunk)) await drained(socket);
    }
    // What was refused while it was still being sent may be answered and closed.
    socket.destroy();
    tally.add('an upload', await answer, true);
  });
  return tally;
};

const drained = (socket: NodeJS.EventEmitter) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, 2_000);
    socket.once('drain', done);
    socket.once('close', done);
  });

/** Keys that no account has, one after the other. */
export const guessedKeys: Attack = async (target) => {
  const tally = new Tally();
  await each(scaled(target, 3_000), 20, async (n) => {
    const socket = openSocket(target);
    const answer = firstStatus(socket);
    socket.write(`${head({ ...target, key: `guess-${n}` }, 'GET /v1/videos HTTP/1.1', 'connection: close')}\r\n\r\n`);
    const status = await answer;
    tally.add('a guessed key', status, true);
    if (status === 200) tally.faults.push(`the key guess-${n} was let in`);
    socket.destroy();
  });
  return tally;
};
