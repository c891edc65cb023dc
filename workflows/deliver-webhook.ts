import { proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import { POLICIES } from './policies.ts';
import type { WebhookDelivery, WebhookEvent } from '../contract/webhook-event.ts';
import type { WebhookActivities } from '../contract/activities.ts';

const { postWebhook } = proxyActivities<Pick<WebhookActivities, 'postWebhook'>>(POLICIES.postWebhook);

/**
 * Tells an account's webhook how a video ended, for up to three days. One that cannot be delivered stays as a failed
 * workflow.
 *
 * @throws {ApplicationFailure} of type `webhook_failed` or `webhook_gone`
 */
export async function deliverWebhook(event: WebhookEvent): Promise<WebhookDelivery> {
  // Receivers ask for the video at once: by then every API process must have seen it end.
  await sleep('1s');
  const { type, videoId } = event;
  const delivery = await postWebhook.executeWithOptions({ summary: `${type}: ${videoId}` }, [event]);
  setCurrentDetails(delivery.status === null ? 'The account has no webhook any more' : `HTTP ${delivery.status}`);
  return delivery;
}
