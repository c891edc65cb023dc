import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Daemons } from './daemons.ts';
import { kubeconfigOf } from './identities.ts';
import { CNI_PLUGINS, DNS_IP, NODE, NODE_IP, PAUSE_IMAGE, PODS_CIDR } from './names.ts';
import type { Programs } from './programs.ts';

export const containerdSocket = (folder: string): string => join(folder, 'containerd.sock');
/** Folder of the containers' logs. */
export const podLogs = (folder: string): string => join(folder, 'pods');

export async function startContainerd(folder: string, daemons: Daemons): Promise<void> {
  const config = join(folder, 'containerd.toml');
  await writeFile(
    config,
    `version = 2
root = "${join(folder, 'containerd')}"
state = "${join(folder, 'containerd-state')}"
[grpc]
  address = "${containerdSocket(folder)}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Who lacks CAP_SYS_RESOURCE, as containers of CI do, may not lower a score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_PLUGINS}"
    conf_dir = "${join(folder, 'cni')}"
`,
  );
  await daemons.start('containerd', 'containerd', { config });
}

/** Starts what makes a node of the machine: kubelet and kube-proxy. */
export async function startKubelet(
  folder: string,
  cgroup: string,
  programs: Programs,
  daemons: Daemons,
): Promise<void> {
  const at = (name: string) => join(folder, name);
  await Promise.all([mkdir(at('plugins')), writeFile(at('resolv.conf'), '')]);
  const kubelet = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    address: NODE_IP,
    healthzBindAddress: '127.0.0.1',
    clusterDNS: [DNS_IP],
    clusterDomain: 'cluster.local',
    resolvConf: at('resolv.conf'),
    oomScoreAdj: 0,
    protectKernelDefaults: true,
    failSwapOn: false,
    podLogsDir: podLogs(folder),
    volumePluginDir: at('plugins'),
    serializeImagePulls: false,
    // The disk is not the node's own: what else lies on it must not drive pods away.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
  await writeFile(at('kubelet.json'), JSON.stringify(kubelet));
  await daemons.start('kubelet', programs.kubelet, {
    config: at('kubelet.json'),
    kubeconfig: kubeconfigOf(folder, 'node'),
    'root-dir': at('kubelet'),
    'cert-dir': at('certificates/kubelet'),
    'hostname-override': NODE,
    'node-ip': NODE_IP,
  });
  const proxy = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    bindAddress: NODE_IP,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    clientConnection: { kubeconfig: kubeconfigOf(folder, 'proxy') },
    hostnameOverride: NODE,
    clusterCIDR: PODS_CIDR,
    // Of the whole machine.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  await writeFile(at('proxy.json'), JSON.stringify(proxy));
  await daemons.start('kube-proxy', programs['kube-proxy'], { config: at('proxy.json') });
}
