import { randomInt } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { ConfigError } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

/** A port that something else listens on. */
export class PortInUseError extends UserError {
  override readonly name = 'PortInUseError';
}

/**
 * Fails where a port cannot be listened on.
 *
 * @param variable the setting that moves it, for the message.
 * @param hostVariable the one that names the host, where one does
 * @throws PortInUseError
 */
export async function assertPortFree(
  host: string,
  port: number,
  variable: string,
  what: string,
  hostVariable?: string,
): Promise<void> {
  try {
    await listenOnce(host, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (hostVariable && ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL', 'EAFNOSUPPORT'].includes(code ?? '')) {
      throw new ConfigError(
        `${hostVariable}=${host} is no address of this machine (${message}). Set it to one, e.g. 127.0.0.1.`,
      );
    }
    throw new PortInUseError(
      code === 'EADDRINUSE'
        ? `Port ${port} on ${host}, wanted for ${what}, is in use. Stop what uses it, or set ${variable} to another port.`
        : `Port ${port} on ${host}, wanted for ${what}, cannot be used (${message}). Set ${variable} to another port.`,
    );
  }
}

/** Below what systems give to outgoing connections, Linux from 32768 on, which would take them in the meantime. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/**
 * Different free ports. Another process may take one before it is used: try again where that happens.
 *
 * @param except ports that another part is going to use
 */
export async function freePorts(count: number, host = '127.0.0.1', except: number[] = []): Promise<number[]> {
  const held: Awaited<ReturnType<typeof hold>>[] = [];
  const wanted = () => held.filter(({ port }) => !except.includes(port));
  try {
    while (wanted().length < count) held.push(await holdAny(host));
    return wanted().map(({ port }) => port);
  } finally {
    await Promise.all(held.map(({ release }) => release()));
  }
}

async function holdAny(host: string, tries = 100): ReturnType<typeof hold> {
  try {
    return await hold(host, randomInt(LOWEST_PORT, HIGHEST_PORT));
  } catch (error) {
    if (tries <= 1) throw error;
    return holdAny(host, tries - 1);
  }
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
