import { hostname, networkInterfaces } from 'node:os';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { inUrl } from '../platform/config/hosts.ts';
import { ConfigError } from '../platform/config/config.ts';
import type { WorkerConfig } from './config.ts';

/** What a worker calls itself, as Temporal's Web UI shows it: `gpu-worker 17@host`, and where its health port is. */
export interface WorkerIdentity {
  /** Without the address. */
  id: string;
  pid: number | null;
  host: string | null;
  /** `http://address:port`; null where it has none. */
  url: string | null;
}

/**
 * @param name e.g. `gpu-worker`
 * @param health where its health port listens; null without one
 */
export function identityOf(name: string, health: { host: string; port: number } | null): string {
  const id = `${name} ${process.pid}@${hostname()}`;
  return health === null ? id : `${id} http://${reachable(health.host)}:${health.port}`;
}

/** @param identity of any Temporal worker */
export function parseIdentity(identity: string): WorkerIdentity {
  const [, id, pid, host, url] = /^((?:[\w-]+ )?(\d+)@(\S+))(?: (http:\/\/[\w.:[\]-]+))?$/.exec(identity) ?? [];
  return id === undefined
    ? { id: identity, pid: null, host: null, url: null }
    : { id, pid: Number(pid), host: host!, url: url ?? null };
}

/** An address under which others reach a server that is bound to `host`. */
function reachable(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return inUrl(host);
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? '127.0.0.1';
}

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
