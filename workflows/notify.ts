import {
  CancellationScope,
  ParentClosePolicy,
  log,
  proxyLocalActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { GenerateVideoInput } from '../contract/video-job.ts';
import { deliverWebhook } from './deliver-webhook.ts';
import { POLICIES } from './policies.ts';
import type { WebhookEvent } from '../contract/webhook-event.ts';
import type { WebhookActivities } from '../contract/activities.ts';

const { wantsWebhook } = proxyLocalActivities<Pick<WebhookActivities, 'wantsWebhook'>>(POLICIES.wantsWebhook);

/** Whether the account is to be told how its video ends. Where that cannot be asked, it is not told. */
export async function isWebhookWanted({ videoId, accountId }: GenerateVideoInput): Promise<boolean> {
  return await CancellationScope.nonCancellable(() => wantsWebhook(accountId)).catch((error: unknown) => {
    log.warn('The webhook is not told', { videoId, error });
    return false;
  });
}

/**
 * Has the account told how its video ended, by a workflow that goes on by itself. Its id is that of this run, which ends
 * once. A message that cannot be sent off costs the message, never the video.
 */
export async function notify(
  input: GenerateVideoInput,
  type: WebhookEvent['type'],
  wanted = isWebhookWanted(input),
): Promise<void> {
  if (!(await wanted)) return;
  const { videoId, accountId } = input;
  const run = workflowInfo().runId.replaceAll('-', '');
  const event = { id: `evt_${run}`, type, videoId, accountId, createdAt: Math.floor(Date.now() / 1000) };
  await CancellationScope.nonCancellable(async () => {
    await startChild(deliverWebhook, {
      workflowId: `webhook_${videoId}_${run}`,
      args: [event],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${type}: ${videoId}`,
    });
  }).catch((error: unknown) => log.warn('The webhook is not told', { videoId, error }));
}
