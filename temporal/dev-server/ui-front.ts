import { randomInt } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import { pipeline } from 'node:stream';
import { isThisMachine } from '../../platform/config/hosts.ts';
import { freePorts } from '../../platform/http/ports.ts';

export interface UiFrontOptions {
  host: string;
  port: number;
  /** Where the Web UI itself listens. */
  ui: { host: string; port: number };
  /** Another address under which people reach it, e.g. that of a reverse proxy. */
  publicUrl?: string;
}

/**
 * A front for Temporal's Web UI, which answers every request to its port: any page that is open in a browser on this machine
 * could start and end workflows there, and a page whose own name leads to this machine could read them. Only pages of the UI
 * itself may ask, and only under names that no other site can have.
 *
 * @returns what ends it
 */
export async function startUiFront({ host, port, ui, publicUrl }: UiFrontOptions): Promise<() => Promise<void>> {
  const server = createServer((req, res) => {
    const refusal = refusalOf(req, publicUrl);
    if (refusal === null) forward(req, res, ui);
    else res.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end(`${refusal}\n`);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => void server.once('error', reject).listen(port, host, resolve));
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

/**
 * An address of this machine that no page can guess, for the Web UI itself. Where the system has the usual one only (macOS),
 * at least a port that is told to no one.
 */
export async function hiddenAddress(except: number): Promise<{ host: string; port: number }> {
  const part = () => randomInt(1, 255);
  for (const host of [`127.${part()}.${part()}.${part()}`, '127.0.0.1']) {
    const [port] = await freePorts(1, host, [except]).catch(() => []);
    if (port !== undefined) return { host, port };
  }
  throw new Error('there is no free port on 127.0.0.1');
}

/** What speaks against a request; null for nothing. */
function refusalOf({ headers, method, url }: IncomingMessage, publicUrl: string | undefined): string | null {
  const ours = publicUrl === undefined ? null : new URL(publicUrl);
  const asked = parse(`http://${headers.host}`);
  if (
    asked === null ||
    url?.startsWith('/') !== true ||
    !(isThisMachine(asked.hostname) || asked.host === ours?.host)
  ) {
    return "This is Temporal's Web UI, for this machine only: open it as localhost, or set TEMPORAL_UI_URL to its address.";
  }
  const origin = headers.origin === undefined ? undefined : parse(headers.origin)?.origin;
  const sameOrigin = origin === asked.origin || (ours !== null && origin === ours.origin);
  const fromElsewhere = ['cross-site', 'same-site'].includes(String(headers['sec-fetch-site']));
  const reads = method === 'GET' || method === 'HEAD';
  const opensIt = reads && headers['sec-fetch-mode'] === 'navigate';
  if ((headers.origin !== undefined && !sameOrigin) || (fromElsewhere && !opensIt)) {
    return "Only the pages of Temporal's Web UI may ask here.";
  }
  // What a form can send without an origin being named.
  if (!reads && headers.origin === undefined && !/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return 'The body must be application/json.';
  }
  return null;
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

function forward(req: IncomingMessage, res: ServerResponse, { host, port }: UiFrontOptions['ui']): void {
  const { method, url: path, headers } = req;
  const asked = request({ host, port, method, path, headers }, (answer) => {
    const kept = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
    res.writeHead(answer.statusCode ?? 502, {
      ...Object.fromEntries(kept),
      // No foreign page may show it and have it clicked.
      'x-frame-options': 'SAMEORIGIN',
    });
    pipeline(answer, res, () => {});
  });
  asked.on('error', () => {
    if (res.headersSent) res.destroy();
    else res.writeHead(502, { 'content-type': 'text/plain' }).end("Temporal's Web UI does not answer.\n");
  });
  res.once('close', () => asked.destroy());
  pipeline(req, asked, () => {});
}
