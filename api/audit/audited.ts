import { isIP } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import ipaddr from 'ipaddr.js';
import { type Account, hashOf, keyId } from '../../platform/accounts/account.ts';
import type { AuditEntry, AuditLog } from '../../platform/audit/audit-log.ts';
import type { AuditConfig } from '../../platform/audit/config.ts';
import { keySent } from '../accounts/viewer.ts';
import { changesNothing } from '../http/changes-nothing.ts';
import { RefusalSampler } from './refusal-sampler.ts';

const ACTIONS: readonly [path: RegExp, method: string, action: string][] = [
  [/^\/v1\/videos\/?$/i, 'POST', 'video.create'],
  [/^\/v1\/videos\/retry\/?$/i, 'POST', 'videos.retry'],
  [/^\/v1\/videos\/groups\/([^/]{1,100})\/retry\/?$/i, 'POST', 'group.retry'],
  [/^\/v1\/videos\/groups\/([^/]{1,100})\/cancel\/?$/i, 'POST', 'group.cancel'],
  [/^\/v1\/videos\/([^/]{1,100})\/retry\/?$/i, 'POST', 'video.retry'],
  [/^\/v1\/videos\/([^/]{1,100})\/remix\/?$/i, 'POST', 'video.remix'],
  [/^\/v1\/videos\/([^/]{1,100})\/cancel\/?$/i, 'POST', 'video.cancel'],
  [/^\/v1\/videos\/([^/]{1,100})\/share\/?$/i, 'POST', 'video.share'],
  [/^\/v1\/videos\/([^/]{1,100})\/shares\/[^/]{1,100}\/?$/i, 'DELETE', 'video.unshare'],
  [/^\/v1\/videos\/([^/]{1,100})\/?$/i, 'POST', 'video.modify'],
  [/^\/v1\/videos\/([^/]{1,100})\/?$/i, 'DELETE', 'video.delete'],
  [/^\/codec\/decode\/?$/i, 'POST', 'codec.decode'],
  [/^\/codec\/encode\/?$/i, 'POST', 'codec.encode'],
];
/** Answers that any client can cause, however often. */
const REFUSED = new Set([401, 403, 429, 503]);
/** How long what a client left behind may go on before the line is written without its answer. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Writes a line for every request that changes or decrypts something, with its answer: below every path that it is
 * mounted on, whatever routes there are.
 *
 * @param stopping writes what is still counted
 */
export function audited(audit: AuditLog, how: AuditConfig['AUDIT_ADDRESS'], stopping: AbortSignal): RequestHandler {
  const sampler = new RefusalSampler((entry) => audit.write(entry), stopping);
  return (req, res, next) => {
    if (changesNothing(req)) {
      next();
      return;
    }
    // Later, handlers have made another path of it, and the socket may be gone.
    const { action, about } = actionOf(req);
    const address = addressFor(how, req.ip);
    let body: unknown;
    let written = false;
    const write = () => {
      if (written) return;
      written = true;
      const entry = entryOf(req, res, body);
      const line = { action, ...entry, address, ...about, ...videosOf(body) };
      const { status } = entry;
      if (entry.account === null || (status !== null && REFUSED.has(status)))
        sampler.write(line, `${status} ${entry.account ?? address}`);
      else audit.write(line);
    };
    const json = res.json.bind(res);
    res.json = (answer) => {
      body = answer;
      const sent = json(answer);
      if (res.destroyed) write();
      return sent;
    };
    // Where the client is gone, the handler goes on, and its answer is not read.
    res.once('close', () => {
      if (res.headersSent || body !== undefined) write();
      else setTimeout(write, LONGEST_WAIT_MS).unref();
    });
    next();
  };
}

/** @returns also the id that the path names */
function actionOf(req: Request): { action: string; about: { video?: string; group?: string } } {
  const path = req.originalUrl.split('?')[0]!;
  for (const [pattern, method, action] of ACTIONS) {
    const found = method === req.method ? pattern.exec(path) : null;
    if (found?.[1] !== undefined)
      return { action, about: { [action.startsWith('group.') ? 'group' : 'video']: found[1] } };
    if (found) return { action, about: {} };
  }
  return { action: `${req.method} ${path.slice(0, 100)}`, about: {} };
}

function entryOf(
  req: Request,
  res: Response,
  body: unknown,
): Omit<AuditEntry, 'action'> & { status: number | null; account: string | null; key: string | null } {
  const key = keySent(req);
  const account = res.locals['account'] as Account | undefined;
  return {
    account: account?.id ?? null,
    key: key === null ? null : keyId(hashOf(key)),
    request_id: res.getHeader('x-request-id'),
    status: res.headersSent || body !== undefined ? res.statusCode : null,
    error: (res.locals['errorCode'] as string | undefined) ?? null,
    ...(!res.writableFinished && { aborted: true }),
  };
}

/** The videos, or the share link, that an answer is about. */
function videosOf(body: unknown): { video?: string; videos?: string[]; share?: string } {
  const { object, id, data, group } = (body ?? {}) as Partial<Record<'object' | 'id' | 'data' | 'group', unknown>>;
  if (object === 'video' && typeof id === 'string')
    return { video: id, ...(Array.isArray(group) && { videos: group }) };
  if (typeof id === 'string' && (object === 'video.share' || object === 'video.share.deleted')) return { share: id };
  if (!Array.isArray(data)) return {};
  return { videos: data.map((found) => (found as { id?: unknown }).id).filter((known) => typeof known === 'string') };
}

/** What is kept of a client's address; null for nothing. */
function addressFor(how: AuditConfig['AUDIT_ADDRESS'], address: string | undefined): string | null {
  if (how === 'none' || address === undefined || isIP(address) === 0) return null;
  const parsed = ipaddr.process(address);
  if (how === 'full') return parsed.toString();
  const bytes = parsed.toByteArray();
  const kept = parsed.kind() === 'ipv4' ? 3 : 6;
  return ipaddr.fromByteArray(bytes.map((byte, index) => (index < kept ? byte : 0))).toString();
}
