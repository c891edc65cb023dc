import { z } from 'zod';
import { logEnv, port } from '../platform/config/config.ts';
import { encryptionEnv } from './encryption/config.ts';
import { tracingEnv } from './tracing/config.ts';
import { host } from '../platform/config/hosts.ts';

/** Settings that every process shares: how Temporal is reached, what it may read, and how much is logged. */
export const temporalEnv = z.object({
  /** `host:port` of the Temporal server's gRPC endpoint. */
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^\S+:\d+$/, 'must be host:port, e.g. 127.0.0.1:7233')
    .default('127.0.0.1:7233'),
  /** Namespace that the videos' workflows live in. */
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** API key (Temporal Cloud); turns TLS on. */
  TEMPORAL_API_KEY: z.string().optional(),
  /** `true` for TLS without a client certificate. Any of the next four turns it on too. */
  TEMPORAL_TLS: z.stringbool().default(false),
  /** PEM file of the client's certificate (mutual TLS). */
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  /** PEM file of the client's private key (mutual TLS). */
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  /** PEM file of the authority that signed the server's certificate, where the system does not know it. */
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  /** Name expected in the server's certificate, where it differs from the address. */
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  ...encryptionEnv.shape,
  ...tracingEnv.shape,
  ...logEnv.shape,
});
export type TemporalConfig = z.infer<typeof temporalEnv>;

/** Settings that both workers share. */
export const workerEnv = temporalEnv.extend({
  /** Port of the worker's own `/healthz` and `/readyz`; 0 for none. */
  HEALTH_PORT: z.union([z.literal('0').transform(() => 0), port]).default(0),
  /** Address that the health port is bound to; a pod needs `0.0.0.0`. */
  HEALTH_HOST: host.default('127.0.0.1'),
  /** Worker deployment that the process is part of, in Temporal's sense; without one, workers of all versions share the work. */
  TEMPORAL_DEPLOYMENT_NAME: z
    .string()
    .regex(/^(?!__)[^.:\s]+$/, 'must be a name without dots, colons and spaces, e.g. kinora-cpu')
    .optional(),
  /** Its version within that, e.g. the image's tag. */
  TEMPORAL_WORKER_BUILD_ID: z.string().max(255).optional(),
});
export type WorkerConfig = z.infer<typeof workerEnv>;
