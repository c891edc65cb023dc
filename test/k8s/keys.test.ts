import { expect, it } from 'vitest';
import { podsOf, renderOverlay, renderWith } from '../support/servers/kustomize.ts';
import { describeWith } from '../support/needs/with-needs.ts';

const PROCESSES = ['api', 'cpu-worker', 'gpu-worker'];

describeWith('kubectl')('keys come to pods from Secrets that they cannot write to', () => {
  /** The Secret of the file that a variable names; undefined where the pod has no such variable. */
  function secretOf({ pod }: ReturnType<typeof podsOf>[number], variable: string): string | undefined {
    const { env = [], volumeMounts } = pod.containers[0]!;
    const path = env.find((entry) => entry.name === variable)?.value;
    const mount = volumeMounts.find(({ mountPath, readOnly }) => readOnly && path?.startsWith(`${mountPath}/`));
    return pod.volumes.find(({ name }) => name === mount?.name)?.secret?.secretName;
  }

  it('those of encryption to every process that speaks to Temporal', async () => {
    const pods = podsOf(await renderWith('cluster', 'encryption')).filter(({ name }) => PROCESSES.includes(name));
    expect(pods.map(({ name }) => name).toSorted()).toEqual(PROCESSES);
    for (const pod of pods)
      expect([pod.name, secretOf(pod, 'ENCRYPTION_KEYS_FILE')]).toEqual([pod.name, 'kinora-encryption']);
  });

  it.each(['cluster', 'single-node-8xh100'])(
    'those of share links to the API of %s, and to no other pod',
    async (overlay) => {
      const pods = podsOf(await renderOverlay(overlay));
      const signing = pods.filter((pod) => secretOf(pod, 'SHARE_KEYS_FILE') === 'kinora-share-keys');
      expect(signing.map(({ name }) => name)).toEqual(['api']);
    },
  );

  it.each(['cluster', 'single-node-8xh100'])(
    'those of checkpoints to the GPU workers of %s, and to no other pod',
    async (overlay) => {
      const pods = podsOf(await renderOverlay(overlay));
      const signing = pods.filter((pod) => secretOf(pod, 'SCRATCH_KEYS_FILE') === 'kinora-scratch-keys');
      expect(signing.map(({ name }) => name)).toEqual(['gpu-worker']);
    },
  );
});
