import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { accountsEnv } from '../platform/accounts/config.ts';
import { auditEnv } from '../platform/audit/config.ts';
import { storageEnv } from '../storage/config.ts';
import { temporalEnv } from '../temporal/config.ts';
import { port } from '../platform/config/config.ts';
import { host } from '../platform/config/hosts.ts';
import { allowedHosts } from './accounts/open-mode.ts';
import { trustedProxies } from './http/client-address.ts';
import { policyEnv } from './policy/config.ts';
import { enhancerEnv } from './prompts/config.ts';
import { contentDeliveryEnv } from './videos/content-delivery.ts';

/** The model that ships with the project. */
const MOCHI_TINY = fileURLToPath(new URL('../../gpu-worker/models/mochi-tiny', import.meta.url));

const bytes = z.coerce.number().int().min(1024);
const ms = z.coerce.number().int().min(0).max(600_000);

/** Settings of the API. */
export const apiEnv = z.object({
  ...temporalEnv.shape,
  ...storageEnv.shape,
  ...accountsEnv.shape,
  ...policyEnv.shape,
  ...auditEnv.shape,
  ...contentDeliveryEnv.shape,
  ...enhancerEnv.shape,
  /** Address that the API is bound to; a pod needs `0.0.0.0`. */
  API_HOST: host.default('127.0.0.1'),
  /** `true` lets the API be bound to other addresses than this machine's own without asking for keys. */
  API_ALLOW_OPEN: z.stringbool().default(false),
  /** Without keys: names by which the API may be called beside `localhost` and addresses, separated by commas. @default none */
  API_ALLOWED_HOSTS: allowedHosts,
  /** Port of the API; 0 takes a free one and logs it. */
  API_PORT: z.union([z.literal('0').transform(() => 0), port]).default(8080),
  /** `true` waits until nothing else listens on the port: of two such processes one serves, and the other takes over when it ends. */
  API_STANDBY: z.stringbool().default(false),
  /** Connections that may be open at a time; one more is closed at once, and so are those that are idle. */
  API_MAX_CONNECTIONS: z.coerce.number().int().min(16).default(4_096),
  /** Wrong keys, and wrong share links, that one address may send within a minute; beyond that they are answered 429. */
  API_MAX_FAILED_KEYS: z.coerce.number().int().min(1).default(60),
  /**
   * JSON file of keys, as of `ENCRYPTION_KEYS_FILE`: share links are signed with the first, and good if signed with any. All API
   * processes need the same. Without it no video can be shared.
   */
  SHARE_KEYS_FILE: z.string().optional(),
  /** Requests for shared videos that one address may send within a minute; beyond that they are answered 429. */
  API_MAX_SHARE_VISITS: z.coerce.number().int().min(10).default(600),
  /** Proxies whose `X-Forwarded-For` tells the client's address: addresses or ranges, separated by commas, or `loopback`. @default none */
  API_TRUSTED_PROXIES: trustedProxies,
  /** Folder of the model that the GPU workers run: its profile says what can be asked for. */
  MODEL_DIR: z.string().default(MOCHI_TINY),
  /** Other names under which the model may be asked for, separated by commas, e.g. `sora-2,sora-2-pro`. */
  API_MODEL_ALIASES: z
    .string()
    .default('')
    .transform((names) => names.split(',').map((name) => name.trim()))
    .transform((names) => names.filter((name) => name !== '')),
  /** How long a video's files are kept after its end, in hours. Temporal must keep closed workflows for longer. */
  VIDEO_TTL_HOURS: z.coerce.number().int().min(1).max(8760).default(168),
  /** Largest JSON body, and largest text of a form, in bytes. */
  API_MAX_BODY_BYTES: bytes.default(1_048_576),
  /** Largest MP4 that is read for its settings, in bytes; nothing of it is kept. */
  API_MAX_FILE_BYTES: bytes.default(268_435_456),
  /** Longest prompt, and longest negative prompt, in characters; the model's own limit in tokens is checked later. */
  API_MAX_PROMPT_CHARS: z.coerce.number().int().min(1).max(100_000).default(4_000),
  /** The longest that a request waits for one answer of Temporal, in ms; then it is 503. */
  API_TEMPORAL_TIMEOUT_MS: ms.default(5_000),
  /** Back-pressure: while a new video would wait longer for a GPU, in seconds, it is refused with 429. @default no limit */
  API_MAX_QUEUE_WAIT_S: z.coerce.number().int().min(1).optional(),
  /** Event streams that an account may have open at a time, at each API process. */
  API_MAX_EVENT_STREAMS: z.coerce.number().int().min(1).default(500),
  /** Address of Temporal's Web UI, shown to operators. */
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/, message: 'must be an http or https address' }).optional(),
  /** How long running requests may take to end after SIGTERM, in ms. */
  API_SHUTDOWN_GRACE_MS: ms.default(10_000),
});
export type ApiConfig = z.infer<typeof apiEnv>;
