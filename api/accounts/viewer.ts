import type { Request, RequestHandler, Response } from 'express';
import type { Account } from '../../storage/accounts/account.ts';
import type { AccountDirectory } from '../../storage/accounts/directory.ts';
import { ApiError } from '../errors.ts';

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
 * @throws ApiError `invalid_api_key`
 */
export function identify(accounts: AccountDirectory): RequestHandler {
  return (req, res, next) => {
    const key = keySent(req);
    const account = accounts.byKey(key);
    if (account === null) {
      throw new ApiError('invalid_api_key', key === null ? { message: MISSING } : {});
    }
    res.locals['account'] = account;
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
