import { type AddressInfo, createServer } from 'node:net';
import { UserError } from './user-error.ts';

/** A port that something else listens on. */
export class PortInUseError extends UserError {
  override readonly name = 'PortInUseError';
}

/**
 * Fails where a port cannot be listened on.
 *
 * @param variable the setting that moves it, for the message.
 * @throws PortInUseError
 */
export async function assertPortFree(host: string, port: number, variable: string, what: string): Promise<void> {
  try {
    await listenOnce(host, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PortInUseError(
      code === 'EADDRINUSE'
        ? `Port ${port} on ${host}, wanted for ${what}, is in use. Stop what uses it, or set ${variable} to another port.`
        : `Port ${port} on ${host}, wanted for ${what}, cannot be used (${message}). Set ${variable} to another port.`,
    );
  }
}

/** So many different free ports. Another process may take one before it is used: try again where that happens. */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(host, 0)));
  await Promise.all(held.map(({ release }) => release()));
  return held.map(({ port }) => port);
}

async function listenOnce(host: string, port: number): Promise<void> {
  await (await hold(host, port)).release();
}

function hold(host: string, port: number): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        release: () => new Promise((done) => server.close(() => done())),
      }),
    );
  });
}
