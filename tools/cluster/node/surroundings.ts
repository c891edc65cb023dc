import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCgroups } from './cgroups.ts';
import { run } from './daemons.ts';
import { NODE, NODE_IP, PODS_CIDR, SERVICES_CIDR } from './names.ts';

/** What containerd, the kubelet and the CNI plugins keep in places that no setting changes. */
const OWN_FOLDERS = ['/run', '/var/log', '/var/lib'];

/** The kubelet wants these of the whole machine, and would set them: it finds them so, and nothing is set. */
const TUNABLES = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/** Lays a node's surroundings in the namespaces that this process was started in. */
export async function prepareSurroundings(folder: string, cgroup: string): Promise<void> {
  await writeFile('/proc/sys/kernel/hostname', NODE);
  for (const path of OWN_FOLDERS) await run('mount', ['-t', 'tmpfs', 'tmpfs', path]);
  await mkdir('/run/netns');
  await mkdir(join(folder, 'tunables'));
  for (const [name, value] of Object.entries(TUNABLES)) {
    const file = join(folder, 'tunables', name.replaceAll('/', '.'));
    await writeFile(file, `${value}\n`);
    await run('mount', ['--bind', file, `/proc/sys/${name}`]);
  }
  await makeCgroups(cgroup);
  await prepareNetwork(folder);
}

/** The node's own address, and nothing beyond: whatever a pod asks for outside ends here. */
async function prepareNetwork(folder: string): Promise<void> {
  for (const command of [
    'link set lo up',
    // A bridge without ports: pods need bridges too, and not every kernel has dummies.
    'link add node0 type bridge',
    `address add ${NODE_IP}/24 dev node0`,
    'link set node0 up',
    // Only on their way out do they become addresses of pods.
    `route add ${SERVICES_CIDR} dev node0`,
  ]) {
    await run('ip', command.split(' '));
  }
  for (const name of ['net/ipv4/ip_forward', 'net/bridge/bridge-nf-call-iptables']) {
    await writeFile(`/proc/sys/${name}`, '1');
  }
  const bridge = {
    type: 'bridge',
    bridge: 'pods0',
    isGateway: true,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      dataDir: join(folder, 'addresses'),
      ranges: [[{ subnet: PODS_CIDR }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  await mkdir(join(folder, 'cni'));
  const list = { cniVersion: '1.0.0', name: 'pods', plugins: [bridge] };
  await writeFile(join(folder, 'cni/pods.conflist'), JSON.stringify(list));
}
