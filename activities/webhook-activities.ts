import { ApplicationFailure, Context } from '@temporalio/activity';
import { LRUCache } from 'lru-cache';
import type { AccountRegistry } from '../platform/accounts/registry.ts';
import { Circuit, CircuitOpenError, type CircuitOptions } from '../platform/flow/circuit.ts';
import type { Logger } from '../platform/log/logger.ts';
import { failure } from '../contract/failure.ts';
import type { WebhookActivities } from '../contract/activities.ts';
import { runActivity } from './run-activity.ts';
import { messageOf } from './webhooks/message.ts';
import { post } from './webhooks/post.ts';
import { timeLimit } from '../platform/flow/deadline.ts';

export interface WebhookDeps {
  accounts: AccountRegistry;
  logger: Logger;
  /** Lets webhooks be on this machine and in private networks. */
  allowPrivate: boolean;
  /** Waits after each failed try, in ms. @default {@link RETRY_DELAYS_MS} */
  retryDelaysMs?: readonly number[];
  /** When a receiver that takes nothing is left alone. @default {@link CIRCUIT} */
  circuit?: CircuitOptions;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The schedule that Standard Webhooks advises: three days, so that a receiver that breaks on a Friday misses nothing. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** Up to so much is added to a wait, so that what failed together does not come back together. */
const JITTER = 0.1;
/** A receiver that hangs holds up one message a minute, and not all others' too. */
const CIRCUIT: CircuitOptions = { failures: 5, pauseMs: MINUTE };
/** The longest that a receiver may take to answer, as Standard Webhooks advises (15 to 30 s). */
const TIMEOUT_MS = 15_000;

/** Receivers that are remembered: accounts come, go and move. */
const RECEIVERS = 10_000;

/** Tells accounts how their videos ended. What an account's webhook is, is read anew at every try. */
export function webhookActivities(deps: WebhookDeps): WebhookActivities {
  const { accounts, logger, allowPrivate, retryDelaysMs = RETRY_DELAYS_MS, circuit = CIRCUIT } = deps;
  /** Receivers that want no more, until this process ends or they move. */
  const closed = new LRUCache<string, true>({ max: RECEIVERS });
  /** By account, so that no account can stop another's deliveries by failing at the same host. */
  const circuits = new LRUCache<string, Circuit>({ max: RECEIVERS });
  const circuitOf = (receiver: string) => {
    const known = circuits.get(receiver) ?? new Circuit(isNotTaken, circuit);
    circuits.set(receiver, known);
    return known;
  };
  const webhookOf = (accountId: string) => {
    const webhook = accounts.byId(accountId)?.webhook ?? null;
    return webhook === null || closed.has(receiverOf(accountId, webhook.url)) ? null : webhook;
  };
  return {
    wantsWebhook: (accountId) => {
      if (accounts.byId(accountId) === null) {
        logger.warn({ accountId }, 'This account is not known here: the CPU worker needs the API_KEYS_FILE of the API');
      }
      return Promise.resolve(webhookOf(accountId) !== null);
    },

    postWebhook: (event) =>
      runActivity('webhook_failed', async ({ signal }) => {
        const webhook = webhookOf(event.accountId);
        if (webhook === null) return { status: null };
        const { attempt } = Context.current().info;
        const about = { videoId: event.videoId, accountId: event.accountId, type: event.type, attempt };
        const failed = (reason: string, gone = false) => {
          const { host } = new URL(webhook.url);
          logger.warn({ ...about, host, reason }, 'A webhook was not taken');
          const delay = retryDelaysMs[Math.min(attempt, retryDelaysMs.length) - 1]!;
          return failure(gone ? 'webhook_gone' : 'webhook_failed', `${host}: ${reason}`, {
            nextRetryDelay: Math.round(delay * (1 + JITTER * Math.random())),
          });
        };

        const receiver = receiverOf(event.accountId, webhook.url);
        const deliver = async () => {
          const { body, headers } = messageOf(event, webhook.secrets);
          const limits = timeLimit(TIMEOUT_MS, signal);
          const status = await post(webhook.url, body, { headers, allowPrivate, signal: limits }).catch(
            (error: Error) => {
              // Not the receiver's fault.
              if (signal.aborted) throw error;
              throw failed(limits.aborted ? `no answer within ${TIMEOUT_MS / SECOND} s` : error.message);
            },
          );
          if (status === 410) {
            closed.set(receiver, true);
            throw failed('HTTP 410, it wants no more of them; take it out of the accounts', true);
          }
          if (status < 200 || status > 299) throw failed(`HTTP ${status}`);
          logger.info({ ...about, status }, 'A webhook was taken');
          return { status };
        };
        return await circuitOf(receiver)
          .run(deliver)
          .catch((error: unknown) => {
            throw error instanceof CircuitOpenError ? failed(error.message) : error;
          });
      }),
  };
}

const receiverOf = (accountId: string, url: string) => `${accountId} ${url}`;

const isNotTaken = (error: Error) => error instanceof ApplicationFailure && error.type === 'webhook_failed';
