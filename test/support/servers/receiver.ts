import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as a receiver got it. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  at: number;
}

/** A receiver of webhooks on this machine. */
export interface Receiver {
  url: string;
  received: Received[];
  /** What it answers next, one after the other; then 200. */
  answers: (number | 'nothing' | 'endless')[];
  close(): Promise<void>;
}

export async function startReceiver(host = '127.0.0.1'): Promise<Receiver> {
  const received: Received[] = [];
  const answers: Receiver['answers'] = [];
  const server = createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      received.push({ headers: req.headers, body, at: Date.now() });
      const answer = answers.shift() ?? 200;
      if (answer === 'nothing') return;
      if (answer === 'endless') {
        const pour = setInterval(() => res.write(Buffer.alloc(10_000)), 5);
        res.on('close', () => clearInterval(pour));
      } else {
        res.writeHead(answer, { location: '/elsewhere' }).end('thank you');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/hook?of=kinora`,
    received,
    answers,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
