import { proxyActivities } from '@temporalio/workflow';
import type { GenerateVideoInput } from '../../../contract/video-job.ts';
import type { GenerateResult } from '../../../contract/results.ts';
import type { GpuActivities } from '../../../contract/activities.ts';
import { POLICIES } from '../../../workflows/policies.ts';

export * from '../../../workflows/index.ts';

/** Only the activity on the GPU queue, and faster to notice that a worker is gone than the service is. */
const { generate } = proxyActivities<GpuActivities>({
  ...POLICIES.generate,
  heartbeatTimeout: '4s',
  retry: { ...POLICIES.generate.retry, initialInterval: '100ms', backoffCoefficient: 1 },
});

export function generateOnly(input: GenerateVideoInput): Promise<GenerateResult> {
  return generate(input);
}
