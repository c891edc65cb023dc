import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kubectl } from '../../k8s/kubectl.ts';
import { NODE } from './names.ts';

const ADDONS = fileURLToPath(new URL('../../../../tools/cluster/node/addons.yaml', import.meta.url));
/** A volume for each claim of the overlay `local`, of the size that it asks for. */
const VOLUMES = { weights: '1Gi', temporal: '1Gi', s3: '10Gi' };

/** Names and volumes. */
export async function applyAddons(node: Kubectl, folder: string): Promise<void> {
  const volumes = await Promise.all(
    Object.entries(VOLUMES).map(async ([name, storage]) => {
      const path = volumeFolder(folder, name as keyof typeof VOLUMES);
      await mkdir(path, { recursive: true });
      // As provisioners of folders make them.
      await chmod(path, 0o777);
      return {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name },
        spec: {
          capacity: { storage },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'standard',
          claimRef: { namespace: 'kinora', name },
          local: { path },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE] }] },
              ],
            },
          },
        },
      };
    }),
  );
  await node.must(['apply', '-f', ADDONS]);
  await node.must(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: volumes }));
  await node.must(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=180s']);
}

/** Where the files of a claim lie on the node. */
export const volumeFolder = (folder: string, claim: keyof typeof VOLUMES): string => join(folder, 'volumes', claim);
