import { access, constants, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../../../platform/fetch/cache.ts';
import { exists } from '../../../platform/files/folder.ts';
import { unpackDebian } from './debian-packages.ts';

/** Docker's daemon with its own client. */
export interface DockerPrograms {
  daemon: string;
  client: string;
  /** In which they find what they call. */
  env: NodeJS.ProcessEnv;
}

/** Inside a container's own network, iptables leads its questions for names to the daemon. */
const PACKAGES = ['docker.io', 'iptables'];

/**
 * Docker as it is installed, else as Debian's packages have it, unpacked into the cache. Debian 12's client builds with
 * BuildKit itself; newer ones need the plugin buildx.
 *
 * @throws Error with what is missing
 */
export async function dockerPrograms(): Promise<DockerPrograms> {
  const installed = await programsOn(process.env);
  if (installed) return installed;
  const folder = join(cacheFolder(), 'docker');
  const env = await unpackDebian(PACKAGES, folder);
  // Where it is installed, this is a matter of alternatives.
  for (const name of ['iptables', 'ip6tables']) {
    const [path, as] = [join(folder, 'usr/sbin', name), `${name}-nft`];
    if (!(await exists(path)) && (await exists(join(folder, 'usr/sbin', as)))) await symlink(as, path);
  }
  const unpacked = await programsOn({ ...process.env, ...env });
  if (unpacked === null) throw new Error(`Debian's ${PACKAGES[0]} has no dockerd and docker`);
  return unpacked;
}

async function programsOn(env: NodeJS.ProcessEnv): Promise<DockerPrograms | null> {
  const [daemon, client] = [await onPath('dockerd', env), await onPath('docker', env)];
  return daemon !== null && client !== null ? { daemon, client, env } : null;
}

/** Where a program lies on PATH; null where it does not. */
export async function onPath(program: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, program);
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return null;
}
