import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { UserError } from '../../platform/config/user-error.ts';
import { CNI_PLUGINS } from './node/names.ts';

/** Debian's packages, and the programs of them that are run. */
const PACKAGES: Record<string, readonly string[]> = {
  containerd: ['containerd', 'ctr', 'containerd-shim-runc-v2'],
  runc: ['runc'],
  'containernetworking-plugins': [`${CNI_PLUGINS}/bridge`, `${CNI_PLUGINS}/host-local`, `${CNI_PLUGINS}/loopback`],
  iptables: ['iptables'],
  conntrack: ['conntrack'],
  iproute2: ['ip'],
  'util-linux': ['unshare', 'mount'],
  openssl: ['openssl'],
};

/** @throws UserError naming what this machine lacks, and the packages to install */
export async function checkRequirements(): Promise<void> {
  if (process.platform !== 'linux') throw new UserError('A node of Kubernetes needs Linux.');
  if (process.getuid?.() !== 0)
    throw new UserError('Namespaces, mounts and cgroups of a node need root: run it as root.');
  const missing: string[] = [];
  for (const [name, programs] of Object.entries(PACKAGES)) {
    const found = await Promise.all(programs.map(isThere));
    if (!found.every(Boolean)) missing.push(name);
  }
  if (missing.length > 0) {
    throw new UserError(
      `Programs are missing. On Debian: apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
}

async function isThere(program: string): Promise<boolean> {
  const folders = program.startsWith('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const tries = folders.map((folder) => access(join(folder, program), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}
