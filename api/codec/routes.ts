import { type RequestHandler, Router } from 'express';
import proto from '@temporalio/proto';
import type { Payload } from '@temporalio/common';
import type { EncryptionCodec } from '../../temporal/encryption/encryption-codec.ts';
import { AccountShares, type Share, untilAnswered } from '../accounts/account-shares.ts';
import { passwordAsKey, signIn } from '../accounts/basic-auth.ts';
import type { AddressRate } from '../http/address-rate.ts';
import { limitRequestRate } from '../accounts/request-rate.ts';
import { adminsOnly, identify } from '../accounts/viewer.ts';
import type { AccountRegistry } from '../../platform/accounts/registry.ts';
import { readBody } from '../http/body/body.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import { payloadsSchema } from './schema.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** The Web UI sends the payloads of a page of a history at once. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Each takes that much memory, and more. */
const SHARE: Share = { what: 'requests to the codec', atOnce: 4, waiting: 16, waitMs: 10_000 };

interface CodecDeps {
  accounts: AccountRegistry;
  /** Left out where nothing is encrypted. */
  codec?: EncryptionCodec | undefined;
}

/**
 * `/codec/decode` and `/codec/encode`: Temporal's remote codec, for operators who look at its Web UI or use its CLI.
 * `/codec`: where a browser signs in for the Web UI, which knows of no keys.
 */
export function codecRoutes({ accounts, codec }: CodecDeps, failed: AddressRate): Router {
  const router = Router();
  const shares = new AccountShares(SHARE);
  router.route('/').get(whereThereAreKeys(codec), signIn(accounts, failed)).all(methodNotAllowed('GET'));
  for (const action of ['decode', 'encode'] as const) {
    router
      .route(`/${action}`)
      .post(
        passwordAsKey,
        identify(accounts, failed),
        limitRequestRate(),
        adminsOnly,
        whereThereAreKeys(codec),
        untilAnswered(shares),
        readBody(MAX_BODY_BYTES),
        async (req, res) => {
          const payloads = await codec![action](payloadsOf(req.body));
          res.set('cache-control', 'no-store').json({
            payloads: payloads.map((payload) =>
              PayloadMessage.toObject(PayloadMessage.fromObject(payload), { bytes: String }),
            ),
          });
        },
      )
      .all(methodNotAllowed('POST'));
  }
  return router;
}

const whereThereAreKeys =
  (codec: EncryptionCodec | undefined): RequestHandler =>
  (_req, _res, next) => {
    if (codec === undefined) {
      throw new ApiError('unsupported_endpoint', {
        message: 'This server encrypts nothing. Its operator can set ENCRYPTION_KEYS_FILE.',
      });
    }
    next();
  };

/** @throws ApiError `invalid_value` */
function payloadsOf(body: unknown): Payload[] {
  const parsed = payloadsSchema.safeParse(body);
  if (!parsed.success)
    throw invalid('payloads', 'payloads must be payloads of Temporal in JSON, as its Web UI sends them.');
  return parsed.data.payloads.map((payload) => PayloadMessage.fromObject(payload));
}
