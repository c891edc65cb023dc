import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { TLSConfig } from '@temporalio/client';

const PATIENCE_MS = 5_000;
/** There is no server, or it is only starting: nothing that trust could mend. */
const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH']);

/** What an HTTP/2 client begins with, and settings without a change: a server answers it. */
const HTTP2_PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/**
 * What is wrong between us and a server that speaks TLS; gRPC's own errors do not say.
 *
 * @param address `host:port`
 * @returns null where the two agree, or there is no answer at all
 */
export async function diagnoseTls(address: string, tls: TLSConfig): Promise<string | null> {
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls;
  const [, host = '', port] = /^(.*):(\d+)$/.exec(address) ?? [];
  const socket = connect({
    host,
    port: Number(port),
    servername: serverNameOverride ?? (isIP(host) ? '' : host),
    ALPNProtocols: ['h2'],
    ...(serverRootCACertificate && { ca: Buffer.from(serverRootCACertificate) }),
    ...(clientCertPair && { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }),
  });
  try {
    return await new Promise((resolve) => {
      setTimeout(() => resolve(null), PATIENCE_MS).unref();
      socket.write(HTTP2_PREFACE);
      // The handshake's end says little: a client's certificate is refused after it.
      socket.once('data', () => resolve(null));
      socket.on('error', ({ code = '', message }: NodeJS.ErrnoException) => resolve(ABSENT.has(code) ? null : message));
      socket.once('close', () =>
        resolve("the server ended the connection; it may not accept this client's certificate"),
      );
    });
  } finally {
    socket.destroy();
  }
}
