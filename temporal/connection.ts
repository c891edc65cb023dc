import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { Client, Connection, type TLSConfig } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { type TemporalConfig } from './config.ts';
import { ConfigError } from '../platform/config/config.ts';
import type { PayloadEncryption } from './encryption/payload-encryption.ts';
import { diagnoseTls } from './diagnose-tls.ts';
import type { Logger } from '../platform/log/logger.ts';
import type { Tracing } from './tracing/otlp-tracing.ts';

export interface ConnectOptions {
  log: Logger;
  /** Gives up waiting. */
  signal?: AbortSignal;
}

/**
 * A client of the namespace. Waits until the server answers; `client.connection.close()` ends it.
 *
 * @param options.encryption of what it sends and reads @default none
 * @param options.tracing of what it starts @default none
 */
export async function connectClient(
  config: TemporalConfig,
  options: ConnectOptions & { encryption?: PayloadEncryption; tracing?: Tracing | null },
): Promise<Client> {
  const settings = await connectionOptions(config);
  const connection = await untilReachable(
    () =>
      Connection.connect({
        ...settings,
        connectTimeout: ATTEMPT_TIMEOUT_MS,
        channelArgs: {
          'grpc.initial_reconnect_backoff_ms': FIRST_WAIT_MS,
          'grpc.max_reconnect_backoff_ms': LONGEST_WAIT_MS,
        },
      }),
    settings,
    options,
  );
  return new Client({
    connection,
    namespace: config.TEMPORAL_NAMESPACE,
    dataConverter: options.encryption?.forClients,
    interceptors: { workflow: options.tracing ? [options.tracing.clientInterceptor] : [] },
  });
}

/** A worker's connection. Waits until the server answers; `close()` ends it, after the worker. */
export async function connectWorker(config: TemporalConfig, options: ConnectOptions): Promise<NativeConnection> {
  const settings = await connectionOptions(config);
  // Half of what a client's process would have to load before it can start.
  const worker = await import('@temporalio/worker');
  return untilReachable(() => worker.NativeConnection.connect(settings), settings, options);
}

/** One try; long enough for a TLS handshake across the world. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/**
 * Waits between tries: a server that comes up beside us is found at once, one that is down is not hammered. gRPC's own
 * first wait, a second, would slow every start down, and its longest, two minutes, would be an outage of its own after one of the server.
 */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

async function untilReachable<T extends { close(): Promise<void> }>(
  connect: () => Promise<T>,
  settings: ConnectionSettings,
  { log, signal }: ConnectOptions,
): Promise<T> {
  const since = Date.now();
  for (let wait = FIRST_WAIT_MS, complained = 0; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    signal?.throwIfAborted();
    try {
      return await orAborted(connect(), signal);
    } catch (error) {
      signal?.throwIfAborted();
      const waitedS = Math.round((Date.now() - since) / 1000);
      // A server that starts beside us takes a second or two: not worth a warning.
      if (waitedS >= 3 && Date.now() - complained > 10_000) {
        complained = Date.now();
        const { address, tls } = settings;
        const fault = tls === undefined ? null : await diagnoseTls(address, tls);
        log.warn(
          { address, waitedS, reason: fault ?? reasonOf(error as Error) },
          fault === null
            ? 'Temporal does not answer yet; set TEMPORAL_ADDRESS if it lives elsewhere'
            : 'Temporal and this process do not trust each other; look at TEMPORAL_TLS_…',
        );
      }
    }
    await sleep(wait, undefined, { signal });
  }
}

/** The server's own words are in the cause. */
const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${cause.message}` : message;

/** An attempt cannot be broken off, only left: what it still opens is closed. */
async function orAborted<T extends { close(): Promise<void> }>(attempt: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return attempt;
  let onAbort!: () => void;
  const aborted = new Promise<null>((resolve) => (onAbort = () => resolve(null)));
  signal.addEventListener('abort', onAbort, { once: true });
  const connection = await Promise.race([attempt, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
  if (connection !== null) return connection;
  attempt.then((late) => late.close()).catch(() => {});
  throw signal.reason;
}

interface ConnectionSettings {
  address: string;
  apiKey?: string;
  tls?: TLSConfig;
}

async function connectionOptions(config: TemporalConfig): Promise<ConnectionSettings> {
  const [crt, key, serverRootCACertificate] = await Promise.all(
    (
      ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'] as const
    ).map((name) => readPem(name, config[name])),
  );
  if ((crt === undefined) !== (key === undefined)) {
    throw new ConfigError('Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH both, or neither.');
  }
  assertUsable('TEMPORAL_TLS_CLIENT_CERT_PATH', crt && { cert: crt });
  assertUsable('TEMPORAL_TLS_CLIENT_KEY_PATH', crt && key && { cert: crt, key });
  assertUsable('TEMPORAL_TLS_SERVER_CA_CERT_PATH', serverRootCACertificate && { cert: serverRootCACertificate });
  const serverNameOverride = config.TEMPORAL_TLS_SERVER_NAME;
  const wanted = config.TEMPORAL_TLS || config.TEMPORAL_API_KEY || crt || serverRootCACertificate || serverNameOverride;
  return {
    address: config.TEMPORAL_ADDRESS,
    ...(config.TEMPORAL_API_KEY && { apiKey: config.TEMPORAL_API_KEY }),
    ...(wanted && {
      tls: {
        ...(serverNameOverride && { serverNameOverride }),
        ...(serverRootCACertificate && { serverRootCACertificate }),
        ...(crt && key && { clientCertPair: { crt, key } }),
      },
    }),
  };
}

/** Else the connection would be tried again and again, as if the server did not answer. */
function assertUsable(name: string, pem: SecureContextOptions | undefined): void {
  try {
    createSecureContext(pem);
  } catch (error) {
    throw new ConfigError(`${name} is no PEM file of its kind, or not of its pair: ${(error as Error).message}`);
  }
}

async function readPem(name: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new ConfigError(`${name}=${path} cannot be read: ${(error as Error).message}`);
  }
}
