import type { Request, RequestHandler } from 'express';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import { ApiError } from '../errors/errors.ts';
import type { AddressRate } from '../http/address-rate.ts';

/** Has a browser ask for a name, which may be any, and a password, which is an API key. */
const CHALLENGE = { 'www-authenticate': 'Basic realm="Kinora"' };

/** Lets a browser send an API key as the password of HTTP's basic authentication: what comes after sees a bearer's. */
export const passwordAsKey: RequestHandler = (req, _res, next) => {
  const key = passwordOf(req);
  if (key !== null) req.headers.authorization = `Bearer ${key}`;
  next();
};

/**
 * Has a browser sign in as an operator; from then on it sends the key by itself, also for pages of other origins that
 * may ask.
 */
export function signIn(accounts: AccountRegistry, failed: AddressRate): RequestHandler {
  return async (req, res) => {
    const key = passwordOf(req);
    if (!accounts.byKey(key)?.admin) {
      if (key !== null) await failed.count(req);
      throw new ApiError('invalid_api_key', { headers: CHALLENGE });
    }
    res.set('cache-control', 'no-store').type('text/plain').send('Signed in: this browser may decrypt payloads.\n');
  };
}

function passwordOf(req: Request): string | null {
  const encoded = /^Basic +(\S+) *$/i.exec(req.get('authorization') ?? '')?.[1];
  if (encoded === undefined) return null;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  // Anything else could not be in a header.
  return /^[\x21-\x7e]+$/.test(password) ? password : null;
}
