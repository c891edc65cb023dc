import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './daemons.ts';
import { API_PORT, NODE, NODE_IP } from './names.ts';

/** Who speaks to the API server, with the groups that each is in. */
const USERS = {
  admin: ['admin', 'system:masters'],
  node: [`system:node:${NODE}`, 'system:nodes'],
  scheduler: ['system:kube-scheduler'],
  controllers: ['system:kube-controller-manager'],
  proxy: ['system:kube-proxy'],
} satisfies Record<string, [string, ...string[]]>;
export type User = keyof typeof USERS;

/** Writes a token and a kubeconfig for each, and the keys that the API server signs with. */
export async function writeIdentities(folder: string): Promise<void> {
  const rows: string[] = [];
  for (const [i, [user, [name, ...groups]]] of Object.entries(USERS).entries()) {
    const token = randomUUID();
    rows.push([token, name, i + 1, ...(groups.length > 0 ? [`"${groups.join(',')}"`] : [])].join(','));
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'node', cluster: { server: `https://${NODE_IP}:${API_PORT}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'user', user: { token } }],
      contexts: [{ name: 'node', context: { cluster: 'node', user: 'user' } }],
      'current-context': 'node',
    };
    await writeFile(kubeconfigOf(folder, user as User), JSON.stringify(config), { mode: 0o600 });
  }
  const at = (name: string) => join(folder, name);
  await writeFile(at('tokens.csv'), rows.join('\n'), { mode: 0o600 });
  await run('openssl', ['genrsa', '-out', at('accounts.key'), '2048']);
  await run('openssl', ['rsa', '-in', at('accounts.key'), '-pubout', '-out', at('accounts.pub')]);
}

export const kubeconfigOf = (folder: string, user: User): string => join(folder, `${user}.kubeconfig`);
