import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ApiError } from '../errors.ts';
import { newRequestId } from './request-id.ts';

export interface HttpServer {
  /** `http://host:port`, with the port that was really taken. */
  url: string;
  /** Lets running requests end, for `graceMs` at most. */
  close(graceMs: number): Promise<void>;
}

/**
 * How long a connection waits for its next request, in ms: longer than load balancers do, a minute mostly, so that none
 * sends a request into a connection that is just being closed.
 */
const KEEP_ALIVE_MS = 65_000;
/** Between two looks for idle connections while the server is closing, in ms. */
const SWEEP_MS = 50;

/**
 * Serves `app`. What is not even HTTP is answered in the envelope too.
 *
 * @throws Error naming the port, where it cannot be listened on
 */
export async function listen(app: RequestListener, host: string, port: number): Promise<HttpServer> {
  const server = createServer(app);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: (graceMs) => close(server, graceMs),
  };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Each is idle once its answer is sent.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
}

function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { body } = new ApiError('invalid_value', {
    message: 'The request is not valid HTTP, or took too long to come.',
  });
  const json = JSON.stringify(body);
  const head = [
    'HTTP/1.1 400 Bad Request',
    `x-request-id: ${newRequestId()}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`);
}
