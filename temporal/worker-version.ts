import type { WorkerDeploymentOptions } from '@temporalio/worker';
import type { WorkerConfig } from './config.ts';
import { ConfigError } from '../platform/config/config.ts';

/**
 * What a worker tells Temporal of its version. Workflows that one version has begun stay with it until they end, but for
 * those that say otherwise.
 *
 * @returns null where it is of no deployment: then it takes any work
 * @throws ConfigError where one of the two settings is missing
 */
export function versionOf(config: WorkerConfig): WorkerDeploymentOptions | null {
  const { TEMPORAL_DEPLOYMENT_NAME: deploymentName, TEMPORAL_WORKER_BUILD_ID: buildId } = config;
  if (deploymentName === undefined && buildId === undefined) return null;
  if (deploymentName === undefined || buildId === undefined) {
    throw new ConfigError('Set TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID both, or neither.');
  }
  return { version: { deploymentName, buildId }, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
