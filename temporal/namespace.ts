import type { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';

/** A video is its workflow: it is forgotten when its namespace forgets it, and the dev server's own 24 h are too short. */
const RETENTION = '720h';

/**
 * Makes the namespace keep closed workflows for at least 30 days; a longer time is left as it is.
 *
 * @returns the days that it keeps them.
 */
export async function ensureRetention(
  { workflowService }: Pick<Connection, 'workflowService'>,
  namespace: string,
): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace });
  const kept = tsToMs(config?.workflowExecutionRetentionTtl);
  const wanted = tsToMs(msToTs(RETENTION));
  if (kept < wanted) {
    await workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(RETENTION) },
    });
  }
  return Math.max(kept, wanted) / 86_400_000;
}
