import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { ConfigError } from '../../platform/config/config.ts';
import { ApiError } from '../errors/errors.ts';

/**
 * A service that asks for no key may be reached from its own machine only.
 *
 * @throws ConfigError where it is bound to any other address and `API_ALLOW_OPEN` does not allow that
 */
export function assertNotExposed({ API_HOST, API_ALLOW_OPEN }: { API_HOST: string; API_ALLOW_OPEN: boolean }): void {
  if (API_ALLOW_OPEN || isLoopback(API_HOST)) return;
  throw new ConfigError(
    `API_HOST=${API_HOST} would let everyone who reaches this machine make videos and see all of them. Set API_KEYS_FILE (npm run keys makes one), or API_HOST to 127.0.0.1, or API_ALLOW_OPEN=true if something else keeps strangers out.`,
  );
}

/** Names by which an open service may be called, beside `localhost` and addresses, separated by commas. */
export const allowedHosts = z
  .string()
  .default('')
  .transform((list) => list.split(',').map((name) => name.trim().toLowerCase()))
  .transform((list) => list.filter((name) => name !== ''))
  .refine((list) => list.every((name) => /^[a-z0-9_.-]+$/.test(name)), 'must be names of hosts, without ports');

/**
 * Keeps the web out of a service that asks for no key: a page from anywhere, open in a browser that reaches it, can send
 * requests to it, and can give its own name this service's address. It cannot do so with a literal address, nor with
 * `localhost`.
 *
 * @param hosts names that are the service's own
 * @param pagesOf address of other pages that may ask
 * @throws ApiError `permission_denied` where the request was addressed to, or comes from a page of, another host
 */
export function ownHostsOnly(hosts: readonly string[], pagesOf?: string): RequestHandler {
  const pages = pagesOf === undefined ? hosts : [...hosts, nameOf(new URL(pagesOf))];
  return (req, _res, next) => {
    const called = parsed(`http://${req.get('host') ?? 'localhost'}`);
    const page = parsed(req.get('origin') ?? called?.origin);
    if (called === null || page === null) throw new ApiError('permission_denied', { message: OTHER_HOST });
    const [host, pageHost] = [nameOf(called), nameOf(page)];
    const isOwnHost = isLoopback(host) || isIP(host) !== 0 || hosts.includes(host);
    const isOwnPage =
      page.host === called.host || pages.includes(pageHost) || (isLoopback(pageHost) && isLoopback(host));
    if (!isOwnHost || !isOwnPage) throw new ApiError('permission_denied', { message: OTHER_HOST });
    next();
  };
}

const OTHER_HOST =
  'This service has no API keys, so it serves only programs and pages that call it by an address, as localhost, or by a name of its own. Its operator can set API_ALLOWED_HOSTS, or API_KEYS_FILE.';

/** Null for what is no address, e.g. the origin `null`. */
function parsed(url: string | undefined): URL | null {
  try {
    return new URL(url ?? '');
  } catch {
    return null;
  }
}

/** Without the brackets of an IPv6 address, and without the dot of a name that is whole. */
const nameOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
