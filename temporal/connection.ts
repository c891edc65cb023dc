import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  type TLSConfig,
} from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { TemporalConfig } from './config.ts';
import { ConfigError } from '../platform/config/config.ts';
import type { PayloadEncryption } from './encryption/payload-encryption.ts';
import { failWhenClosed } from './closed-connection.ts';
import { diagnoseTls } from './diagnose-tls.ts';
import { BACKOFF, untilAvailable } from '../platform/flow/until-available.ts';
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
        interceptors: [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), failWhenClosed],
        channelArgs: {
          // gRPC's own first wait, a second, would slow every start down; its longest, two minutes, would be an outage of
          // its own after one of the server.
          'grpc.initial_reconnect_backoff_ms': BACKOFF.initialDelay,
          'grpc.max_reconnect_backoff_ms': BACKOFF.maxDelay,
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
const WARN_EVERY_MS = 10_000;

async function untilReachable<T extends { close(): Promise<void> }>(
  connect: () => Promise<T>,
  { address, tls }: ConnectionSettings,
  { log, signal }: ConnectOptions,
): Promise<T> {
  const attempt = async () => {
    const connection = await connect();
    // An attempt cannot be broken off, only left: what it still opens is closed.
    if (signal?.aborted) await connection.close();
    signal?.throwIfAborted();
    return connection;
  };
  const warn = async (error: Error, waitedS: number) => {
    const fault = tls === undefined ? null : await diagnoseTls(address, tls);
    log.warn(
      { address, waitedS, reason: fault ?? reasonOf(error) },
      fault === null
        ? 'Temporal does not answer yet; set TEMPORAL_ADDRESS if it lives elsewhere'
        : 'Temporal and this process do not trust each other; look at TEMPORAL_TLS_…',
    );
  };
  return await untilAvailable(attempt, { isPassing: () => true, warn, warnEveryMs: WARN_EVERY_MS, signal });
}

/** The server's own words are in the cause. */
const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message}: ${cause.message}` : message;

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
