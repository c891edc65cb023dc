import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { inUrl } from '../../platform/config/hosts.ts';
import { answerClientError } from './client-error.ts';
import { leftover } from './body/leftover.ts';
import { oneAtATime } from './one-at-a-time.ts';

export interface HttpServer {
  /** `http://host:port`, with the port that was really taken. */
  url: string;
  /** Lets running requests end, for `graceMs` at most. */
  close(graceMs: number): Promise<void>;
}

export interface ListenOptions {
  /** Connections that may be open at a time. @default no limit */
  maxConnections?: number;
}

const SERVER = {
  /**
   * How long a connection waits for its next request, in ms: longer than load balancers do, a minute mostly, so that none
   * sends a request into a connection that is just being closed.
   */
  keepAliveTimeout: 65_000,
  /** How long the head of a request may take to come, in ms. */
  headersTimeout: 15_000,
  /** The same of all of it, in ms; who reads a body is less patient. */
  requestTimeout: 120_000,
  /** Between two checks for requests that take longer, in ms. */
  connectionsCheckingInterval: 2_000,
};
/** How long nothing may come or go while an answer is under way, in ms. */
const SILENCE_MS = 120_000;
/** Between two sweeps of idle connections while the server is closing, in ms. */
const SWEEP_MS = 50;

/**
 * Serves `app`. What is not even HTTP is answered in the envelope too.
 *
 * @throws Error naming the port, where it cannot be listened on
 */
export async function listen(
  app: RequestListener,
  host: string,
  port: number,
  { maxConnections = Infinity }: ListenOptions = {},
): Promise<HttpServer> {
  /** The newest of each connection. */
  const answers = new WeakMap<Socket, ServerResponse>();
  const handle = oneAtATime((req, res) => {
    // Each has a listener: without one, an error of any of them would end the process.
    req.on('error', () => {});
    res.on('error', () => res.destroy());
    const { socket } = req;
    answers.set(socket, res);
    res.once('finish', () => void leftover(req, socket).then((whole) => whole || socket.destroy()));
    app(req, res);
  });
  const server = createServer(SERVER, handle);
  // What reads the body asks for it.
  server.on('checkContinue', handle);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const answer = answers.get(socket);
    answerClientError(error, socket, answer !== undefined && answer.headersSent && !answer.writableFinished);
  });
  server.setTimeout(SILENCE_MS);
  if (maxConnections !== Infinity) server.maxConnections = maxConnections;
  // What is idle makes room for who comes.
  server.on('drop', () => server.closeIdleConnections());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  // A connection that could not be accepted, for want of file descriptors say, is that client's loss alone.
  server.on('error', () => server.closeIdleConnections());
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${inUrl(host)}:${taken}`,
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
