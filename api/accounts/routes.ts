import { Router } from 'express';
import { accountOf } from './viewer.ts';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import type { AccountObject } from './schema.ts';

interface AccountDeps {
  accounts: AccountRegistry;
  /** What an account has of its limits. */
  usage: { of(accountId: string): Promise<AccountObject['usage']> };
  /** Address of Temporal's Web UI, for operators. */
  temporalUiUrl?: string | undefined;
  /** Undefined where this server makes no share links. */
  shareKeys?: unknown;
  /** Undefined where this server enhances no prompts. */
  enhancer?: unknown;
}

/** `/account`: who asks, and what they may have. */
export function accountRoutes({ accounts, usage, temporalUiUrl, shareKeys, enhancer }: AccountDeps): Router {
  const router = Router();
  router
    .route('/account')
    .get(async (_req, res) => {
      const { id, admin, limits } = accountOf(res);
      const account: AccountObject = {
        object: 'account',
        id,
        admin,
        auth: accounts.open ? 'open' : 'key',
        limits: { queued: limits.queued, running: limits.running, requests_per_minute: limits.requestsPerMinute },
        usage: await usage.of(id),
        share_links: shareKeys !== undefined,
        prompt_enhancer: enhancer !== undefined,
        temporal_ui_url: admin ? (temporalUiUrl ?? null) : null,
      };
      res.set('cache-control', 'no-store').json(account);
    })
    .all(methodNotAllowed('GET'));
  return router;
}
