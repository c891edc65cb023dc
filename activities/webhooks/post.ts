import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { assertPublic, assertPublicName, lookupPublic } from './public-address.ts';

/** Of an answer that is read. */
const MOST_BYTES = 65_536;

export interface PostOptions {
  headers: Record<string, string>;
  /** Lets the message go to this machine and to private networks. */
  allowPrivate: boolean;
  signal: AbortSignal;
  /** How names are resolved where private addresses are refused. @default lookupPublic */
  lookup?: LookupFunction;
}

/**
 * Posts a body and waits for the status of the answer; redirects are not followed. The host's addresses are checked
 * when its name is resolved, and the one that is connected to once more, so that a name that changes its mind in between
 * gains nothing.
 *
 * @returns the HTTP status. @throws PrivateAddressError, and errors of the network
 */
export async function post(
  url: string,
  body: string,
  { headers, allowPrivate, signal, lookup = lookupPublic }: PostOptions,
): Promise<number> {
  const { protocol, hostname } = new URL(url);
  // Of a number there is nothing to resolve.
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate) (isIP(literal) === 0 ? assertPublicName : assertPublic)(literal);
  const request = protocol === 'https:' ? httpsRequest : httpRequest;
  return await new Promise<number>((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      // A connection of its own, which nothing else has opened.
      agent: false,
      signal,
      ...(!allowPrivate && { lookup }),
    });
    if (!allowPrivate) sent.once('socket', (socket) => socket.once('connect', () => check(socket)));
    sent.on('error', reject);
    sent.once('response', (response) => {
      resolve(response.statusCode!);
      skip(response);
    });
    sent.end(body);
  });
}

/** Lets the receiver say what it has to say, of which nothing is of use, but not without end. */
function skip(response: IncomingMessage): void {
  let bytes = 0;
  response
    .on('error', () => {})
    .on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) response.destroy();
    });
}

function check(socket: Socket): void {
  try {
    assertPublic(socket.remoteAddress);
  } catch (error) {
    socket.destroy(error as Error);
  }
}
