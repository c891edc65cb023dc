import { z } from 'zod';
import { host } from '../platform/config/hosts.ts';
import { shownSetting } from '../platform/config/secrets.ts';
import { UserError } from '../platform/process/user-error.ts';

/** A port to listen on or connect to, 1 .. 65535. */
export const port = z.coerce
  .number('must be a port, 1 to 65535')
  .int('must be a port, 1 to 65535')
  .min(1, 'must be a port, 1 to 65535')
  .max(65_535, 'must be a port, 1 to 65535');

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
  /** JSON file of the keys with which everything that Temporal keeps is encrypted. Without it nothing is. */
  ENCRYPTION_KEYS_FILE: z.string().optional(),
  /** Address of an OpenTelemetry collector, OTLP over HTTP. Without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, message: 'must be an http or https address' }).optional(),
  /** The same, for traces alone and with the whole path. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .url({ protocol: /^https?$/, message: 'must be an http or https address' })
    .optional(),
  /** `true` for no traces, whatever else is set. */
  OTEL_SDK_DISABLED: z.stringbool().optional(),
  /** How much is logged: trace, debug, info, warn, error, fatal or silent. */
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** What stands in the log for a prompt: `hash`, by which equal ones are seen to be equal, or `none`. */
  LOG_PROMPTS: z.enum(['hash', 'none']).default('hash'),
  /** What these hashes are made with, so that nobody can guess a prompt from one. @default drawn by each process at its start */
  LOG_PROMPTS_SECRET: z.string().min(16, 'must have 16 characters at least').optional(),
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

/** Settings that cannot be used; the message names each variable, what is wrong with it, and what to do. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';
}

/**
 * Reads a process's settings once, at its start. An empty string counts as absent, so that a template's unset variable
 * gets the default.
 *
 * @throws ConfigError
 */
export function readConfig<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv = process.env): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data) as z.infer<T>;
  const lines = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.');
    const value = given[name];
    return value === undefined
      ? `  ${name} is not set: ${issue.message}`
      : `  ${name}=${String(shownSetting(name, value))}: ${issue.message}`;
  });
  throw new ConfigError(
    `The settings cannot be used:\n${lines.join('\n')}\nSet these environment variables, or leave them out for their defaults.`,
  );
}
