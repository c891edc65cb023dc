import { Webhook } from 'standardwebhooks';
import type { WebhookEvent } from '../../contract/webhook-event.ts';

/** A signed message, as it is posted. */
export interface WebhookMessage {
  body: string;
  headers: Record<string, string>;
}

/**
 * The message of an event, in the format of Standard Webhooks. It only says which video ended; the rest is the
 * receiver's to ask for.
 *
 * @param secrets each signs, in their order
 */
export function messageOf(event: WebhookEvent, secrets: readonly string[], now: Date = new Date()): WebhookMessage {
  const { id, type, videoId, createdAt } = event;
  const body = JSON.stringify({ id, object: 'event', created_at: createdAt, type, data: { id: videoId } });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'kinora-webhooks',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
    },
  };
}
