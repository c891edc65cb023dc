import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection of our own to an address such as `http://127.0.0.1:8080`: no client sends what is sent through it. */
export async function rawSocket(url: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the connection ends. */
export async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  // Not `once`, which an error would end.
  if (!socket.destroyed) await new Promise((resolve) => socket.on('close', resolve));
  return text;
}

/** The status at the beginning of an answer; 0 where there is none. */
export const statusOf = (answer: Buffer | string): number =>
  Number(/^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1] ?? 0);
