import { join } from 'node:path';
import type { Daemons } from './daemons.ts';
import { kubeconfigOf } from './identities.ts';
import { API_PORT, NODE_IP, PODS_CIDR, SERVICES_CIDR } from './names.ts';
import type { Programs } from './programs.ts';

/** Starts etcd and the API server. */
export async function startServer(folder: string, programs: Programs, daemons: Daemons): Promise<void> {
  const at = (name: string) => join(folder, name);
  const [client, peer] = ['http://127.0.0.1:2379', 'http://127.0.0.1:2380'];
  await daemons.start('etcd', programs.etcd, {
    'data-dir': at('etcd'),
    'unsafe-no-fsync': true,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  });
  await daemons.start('kube-apiserver', programs['kube-apiserver'], {
    'etcd-servers': client,
    'cert-dir': at('certificates'),
    'bind-address': NODE_IP,
    'advertise-address': NODE_IP,
    'secure-port': API_PORT,
    'service-cluster-ip-range': SERVICES_CIDR,
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': at('accounts.pub'),
    'service-account-signing-key-file': at('accounts.key'),
    'token-auth-file': at('tokens.csv'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'kubelet-preferred-address-types': 'InternalIP',
  });
}

/** Starts what acts on the API server's objects, once it answers. */
export async function startControllers(folder: string, programs: Programs, daemons: Daemons): Promise<void> {
  await daemons.start('kube-controller-manager', programs['kube-controller-manager'], {
    kubeconfig: kubeconfigOf(folder, 'controllers'),
    'service-account-private-key-file': join(folder, 'accounts.key'),
    'root-ca-file': join(folder, 'certificates/apiserver.crt'),
    'use-service-account-credentials': true,
    'leader-elect': false,
    'bind-address': '127.0.0.1',
    'cluster-cidr': PODS_CIDR,
  });
  await daemons.start('kube-scheduler', programs['kube-scheduler'], {
    kubeconfig: kubeconfigOf(folder, 'scheduler'),
    'leader-elect': false,
    'bind-address': '127.0.0.1',
  });
}
