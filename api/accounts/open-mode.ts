import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { RequestHandler } from 'express';
import { ConfigError } from '../../temporal/config.ts';
import { ApiError } from '../errors.ts';

/**
 * A service that asks for no key may be reached from its own machine only.
 *
 * @throws ConfigError where it is bound to any other address, and nobody has said that this is meant
 */
export function assertNotExposed({ API_HOST, API_ALLOW_OPEN }: { API_HOST: string; API_ALLOW_OPEN: boolean }): void {
  if (API_ALLOW_OPEN || isLoopback(API_HOST)) return;
  throw new ConfigError(
    `API_HOST=${API_HOST} would let everyone who reaches this machine make videos and see all of them. Set API_KEYS_FILE (npm run keys makes one), or API_HOST to 127.0.0.1, or API_ALLOW_OPEN=true if something else keeps strangers out.`,
  );
}

/**
 * Keeps the web out of a service that asks for no key: a page from anywhere, open in a browser on this machine, can send
 * requests to it, and can give its own name this machine's address.
 *
 * @throws ApiError `permission_denied` where the request was addressed to, or comes from a page of, another host
 */
export const sameMachineOnly: RequestHandler = (req, _res, next) => {
  const hosts = [hostOf(`http://${req.get('host') ?? 'localhost'}`), hostOf(req.get('origin') ?? 'http://localhost')];
  if (!hosts.every((host) => host !== null && isLoopback(host))) {
    throw new ApiError('permission_denied', { message: OTHER_HOST });
  }
  next();
};

const OTHER_HOST =
  'This service has no API keys, so it serves only programs and pages of its own machine, as localhost. Its operator can set API_KEYS_FILE, or API_ALLOW_OPEN=true.';

/** Null for what is no address, e.g. the origin `null`. */
function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '');
  } catch {
    return null;
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
