import { describe, expect, it } from 'vitest';
import { workerEnv } from '../../temporal/config.ts';
import { readConfig } from '../../platform/config/config.ts';
import { versionOf } from '../../temporal/worker-identity.ts';

const read = (env: NodeJS.ProcessEnv) => versionOf(readConfig(workerEnv, env));

describe('the version of a worker', () => {
  it('is none where nobody has set one, so that any worker takes any job', () => {
    expect(read({ TEMPORAL_DEPLOYMENT_NAME: '', TEMPORAL_WORKER_BUILD_ID: '' })).toBeNull();
  });

  it('holds on to the jobs that it began', () => {
    expect(read({ TEMPORAL_DEPLOYMENT_NAME: 'kinora-cpu', TEMPORAL_WORKER_BUILD_ID: '0.2.0' })).toEqual({
      version: { deploymentName: 'kinora-cpu', buildId: '0.2.0' },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    });
  });

  it('is refused where half of it is missing, or Temporal would not take it', () => {
    expect(() => read({ TEMPORAL_WORKER_BUILD_ID: '1' })).toThrow(/TEMPORAL_DEPLOYMENT_NAME and .* both/);
    expect(() => read({ TEMPORAL_DEPLOYMENT_NAME: 'a.b', TEMPORAL_WORKER_BUILD_ID: '1' })).toThrow(/without dots/);
  });
});
