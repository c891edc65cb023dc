import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What the server does to one answer with a file's bytes. */
export interface Mischief {
  /** In place of the file. */
  status?: number;
  /** One bit of it is another. */
  corrupted?: boolean;
  /** Sends it whole, whatever part was asked for. */
  ignoresRange?: boolean;
  /** Breaks the connection after so many bytes. */
  cutAfter?: number;
  /** Says nothing more after so many bytes. */
  stallsAfter?: number;
}

/** One request for a file's bytes. */
export interface FileRequest {
  path: string;
  /** First byte that was asked for. */
  from: number;
}

export interface HubServer {
  endpoint: string;
  /** Every request for a file's bytes so far. */
  requests: FileRequest[];
  /** Every request's method and path so far. */
  asked: string[];
  /** Bytes of files sent so far. */
  bytesSent(): number;
  /** Decides about each answer; nothing goes wrong where it is not set. */
  mischief: ((request: FileRequest) => Mischief | undefined) | undefined;
  /** Moves `main`; the files stay, but for those that are named. */
  moveMain(commit: string, without?: string[]): void;
  /** Sizes that the listing claims in place of the true ones. */
  claimedSizes: Record<string, number>;
  /** Likewise other fields of its entries, as JSON has them. */
  claimed: Record<string, object>;
  stop(): Promise<void>;
}

export const COMMIT = 'c0ffee'.padEnd(40, '0');
const REPOSITORY = 'genmo/mochi-1-preview';
const PAGE = 6;

/**
 * A server that answers as huggingface.co does, as far as a pull goes: the revision of a model, its files in pages, and
 * the files themselves, large ones by a redirect to another address, with ranges.
 *
 * @param folder what the repository holds
 * @param more files in addition, path and content
 */
export async function startHub(folder: string, more: Record<string, Buffer> = {}): Promise<HubServer> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>(Object.entries(more));
  for (const entry of names) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path));
  }
  let main = COMMIT;
  let sent = 0;

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hub: HubServer = {
    endpoint,
    requests: [],
    asked: [],
    bytesSent: () => sent,
    mischief: undefined,
    moveMain: (commit, without = []) => {
      main = commit;
      for (const path of without) files.delete(path);
    },
    claimedSizes: {},
    claimed: {},
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return hub;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, endpoint);
    hub.asked.push(`${request.method} ${url.pathname}`);
    const [, api, kind, revision, ...rest] = url.pathname.slice(1).replace(REPOSITORY, 'MODEL').split('/');
    if (url.pathname.startsWith('/large/')) return sendFile(request, response, url.pathname.slice('/large/'.length));
    if (api === 'models' && kind === 'MODEL') return answerApi(url, response, revision!, rest);
    if (url.pathname.startsWith(`/${REPOSITORY}/resolve/`)) {
      const path = decodeURIComponent(url.pathname.split('/').slice(5).join('/'));
      if (!isLarge(path)) return sendFile(request, response, path);
      response.writeHead(302, { location: `${endpoint}/large/${path}` }).end();
      return;
    }
    sendJson(response, { error: 'Repository not found' }, 404);
  }

  function answerApi(url: URL, response: ServerResponse, what: string, [revision]: string[]): void {
    if (what === 'revision') {
      const known = revision === 'main' ? main : revision;
      if (!/^[0-9a-f]{40}$/.test(known!)) return sendJson(response, { error: 'Invalid rev id' }, 404);
      return sendJson(response, { _id: '1', id: REPOSITORY, sha: known, private: false, gated: false });
    }
    const entries = [...files].map(([path, content]) => ({
      type: 'file',
      path,
      size: hub.claimedSizes[path] ?? content.length,
      oid: gitId(content),
      ...(isLarge(path) && { lfs: { oid: sha256(content), size: content.length, pointerSize: 134 } }),
      ...hub.claimed[path],
    }));
    const from = Number(url.searchParams.get('cursor') ?? 0);
    if (from + PAGE < entries.length) {
      url.searchParams.set('cursor', String(from + PAGE));
      response.setHeader('link', `<${url.href}>; rel="next"`);
    }
    sendJson(response, [{ type: 'directory', path: 'vae', size: 0, oid: '0' }, ...entries.slice(from, from + PAGE)]);
  }

  function sendFile(request: IncomingMessage, response: ServerResponse, path: string): void {
    const content = files.get(path)!;
    const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    hub.requests.push({ path, from: asked });
    const mischief: Mischief = hub.mischief?.({ path, from: asked }) ?? {};
    const { status, corrupted, ignoresRange, cutAfter, stallsAfter } = mischief;
    if (status) return void response.writeHead(status).end();
    const from = ignoresRange ? 0 : asked;
    response.writeHead(ignoresRange ? 200 : 206, {
      'content-length': content.length - from,
      ...(!ignoresRange && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    const body = Buffer.from(content.subarray(from));
    if (corrupted) body[body.length >> 1]! ^= 1;
    const part = body.subarray(0, cutAfter ?? stallsAfter);
    sent += part.length;
    response.write(part, () => {
      if (cutAfter !== undefined) response.destroy();
      else if (stallsAfter === undefined) response.end();
    });
  }
}

const isLarge = (path: string) => /\.(safetensors|model)$/.test(path);
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const gitId = (content: Buffer) => createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
