import type { Request, RequestHandler, Response } from 'express';
import type { Account } from '../../platform/accounts/account.ts';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import { ApiError } from '../errors/errors.ts';
import type { AddressRate } from '../http/address-rate.ts';

/** Who asks: set for every request below `/v1`, before any handler runs. */
export interface Viewer {
  /** Whose videos they see and make. */
  accountId: string;
  /** An operator: sees every account's videos, and the workers. */
  admin: boolean;
}

/**
 * Finds out who asks.
 *
 * @throws ApiError `invalid_api_key`, `rate_limit_exceeded` where too many wrong keys come from one address
 */
export function identify(accounts: AccountRegistry, failed: AddressRate): RequestHandler {
  return async (req, res, next) => {
    const key = keySent(req);
    const account = accounts.byKey(key);
    if (account === null) {
      if (key === null) throw new ApiError('invalid_api_key', { message: MISSING });
      await failed.count(req);
      throw new ApiError('invalid_api_key');
    }
    res.locals['account'] = account;
    res.locals['isStillKnown'] = () => {
      const now = accounts.byKey(key);
      return now !== null && now.id === account.id && now.admin === account.admin;
    };
    next();
  };
}

const MISSING = 'This service asks for an API key. Send it as "Authorization: Bearer KEY".';

/** Whose request it is, as {@link identify} found it. */
export const accountOf = (res: Response): Account => res.locals['account'] as Account;

/** Who asks, as {@link identify} found it. */
export function viewerOf(res: Response): Viewer {
  const { id, admin } = accountOf(res);
  return { accountId: id, admin };
}

/** Whether the key of a request still belongs to the account that {@link identify} found. */
export const isStillKnown = (res: Response): boolean => (res.locals['isStillKnown'] as () => boolean)();

/**
 * Lets operators through only.
 *
 * @throws ApiError `permission_denied`
 */
export const adminsOnly: RequestHandler = (_req, res, next) => {
  if (!viewerOf(res).admin) throw new ApiError('permission_denied');
  next();
};

/** The key that came with a request, as it was sent; null for none. */
export const keySent = (req: Request): string | null =>
  /^Bearer +(\S+) *$/i.exec(req.get('authorization') ?? '')?.[1] ?? null;
