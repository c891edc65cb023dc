import { readFile } from 'node:fs/promises';
import { connect, constants, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.ts';

export interface TlsFrontOptions {
  /** `host:port` of the server behind it, without TLS. */
  address: string;
  server: Certificate;
  /** Path of the authority whose clients alone may connect. @default any client */
  clientsOf?: string;
  /** What a client's key has to be. @default none is asked for */
  apiKey?: string;
}

/** TLS in front of Temporal's server, as Temporal Cloud has it: asks for a client's certificate, or its API key. */
export interface TlsFront {
  address: string;
  /** Names in the certificates of the clients that have asked for something. */
  clients: Set<string>;
  /** Headers of what was let through. */
  requests: IncomingHttpHeaders[];
  close(): Promise<void>;
}

export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const { address, server: own, clientsOf, apiKey } = options;
  const behind = connect(`http://${address}`);
  const clients = new Set<string>();
  const requests: IncomingHttpHeaders[] = [];
  const server = createSecureServer({
    cert: await readFile(own.cert),
    key: await readFile(own.key),
    ...(clientsOf !== undefined && { ca: await readFile(clientsOf), requestCert: true, rejectUnauthorized: true }),
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) {
      const refused = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' };
      stream.respond({ ...refused, 'grpc-message': 'Request unauthorized.' }, { endStream: true });
      return;
    }
    requests.push(headers);
    const name = (stream.session!.socket as TLSSocket).getPeerCertificate().subject?.CN;
    if (name !== undefined) clients.add(String(name));
    forward(stream, behind.request({ ...headers, ':scheme': 'http', ':authority': address }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    clients,
    requests,
    close: async () => {
      behind.destroy();
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(stream: ServerHttp2Stream, upstream: ReturnType<ReturnType<typeof connect>['request']>): void {
  let trailers = {};
  upstream.on('response', (headers, flags) => {
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(headers, endStream ? { endStream } : { waitForTrailers: true });
    if (!endStream) upstream.pipe(stream);
  });
  upstream.on('trailers', (given) => (trailers = given));
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.pipe(upstream);
  stream.on('error', () => upstream.close());
  stream.on('close', () => upstream.close());
  upstream.on('error', () => stream.close());
}
