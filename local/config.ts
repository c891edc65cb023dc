import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { port } from '../platform/config/config.ts';
import { host } from '../platform/config/hosts.ts';
import { typedPath } from '../platform/config/typed-path.ts';
import { storeUrl } from '../platform/config/store-url.ts';

/** Project root; this file runs as dist/local/config.js. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Settings of `npm start`. Everything else in the environment (DEVICES, LOG_LEVEL, …) reaches the processes as it is. Two
 * copies run side by side with other ports and another DATA_DIR.
 */
export const localEnv = z.object({
  /** Address that the API is bound to. Temporal and its Web UI, which ask for no password, stay on 127.0.0.1. */
  API_HOST: host.default('127.0.0.1'),
  /** Port of the API. */
  API_PORT: port.default(8080),
  /** Keeps a second API process that takes over at once where the first one ends. */
  API_STANDBY: z.stringbool().default(true),
  /** On a busy machine the API comes first, then Temporal, then the workers, which also leave other programs their cores. */
  API_FIRST: z.stringbool().default(true),
  /** JSON file of the accounts and their keys' hashes; without it the service has one user and asks for no key. */
  API_KEYS_FILE: z.string().transform(typedPath).optional(),
  /** File of the audit trail; without it, it is in the API's log. */
  AUDIT_LOG_FILE: z.string().transform(typedPath).optional(),
  /** JSON file of the keys with which everything that Temporal keeps is encrypted. Without it nothing is. */
  ENCRYPTION_KEYS_FILE: z.string().transform(typedPath).optional(),
  /** Port of Temporal's server. */
  TEMPORAL_PORT: port.default(7233),
  /** Port of Temporal's Web UI. */
  TEMPORAL_UI_PORT: port.default(8233),
  /** Folder that everything is kept in: Temporal's database, both stores, logs. */
  DATA_DIR: z.string().transform(typedPath).default(resolve(ROOT, 'data')),
  /** Stores elsewhere than in DATA_DIR: `file:///folder` or `s3://bucket/prefix`. @default below DATA_DIR */
  SCRATCH_URL: storeUrl.optional(),
  /** The same, for finished videos. @default below DATA_DIR */
  ARTEFACTS_URL: storeUrl.optional(),
  /** Folder for the files of running activities, elsewhere than in DATA_DIR. @default below DATA_DIR */
  TEMP_DIR: z.string().transform(typedPath).optional(),
  /** Folder of the model, in diffusers' layout. */
  MODEL_DIR: z.string().transform(typedPath).default(resolve(ROOT, 'gpu-worker/models/mochi-tiny')),
});
export type LocalConfig = z.infer<typeof localEnv>;
