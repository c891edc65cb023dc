import { stat } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import type { Express } from 'express';
import { openRegistry } from '../platform/accounts/registry.ts';
import { openAuditLog } from '../platform/audit/audit-log.ts';
import { loadProfile } from '../platform/model/model-profile.ts';
import { openStores } from '../storage/open.ts';
import { readConfig } from '../platform/config/config.ts';
import { connectClient } from '../temporal/connection.ts';
import { openEncryption } from '../temporal/encryption/payload-encryption.ts';
import { createLogger, type Logger } from '../platform/log/logger.ts';
import { createRegistry } from '../platform/metrics/registry.ts';
import { assertPortFree } from '../platform/http/ports.ts';
import { runProcess } from '../platform/process/run-process.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { withoutSecrets } from '../platform/config/secrets.ts';
import { watchKeys } from '../temporal/encryption/watched-keys.ts';
import { openTracing } from '../temporal/tracing/tracing.ts';
import { assertNotExposed } from './accounts/open-mode.ts';
import { buildApp } from './app.ts';
import { type ApiConfig, apiEnv } from './config.ts';
import { openContentDelivery } from './videos/content-delivery.ts';
import { createCore } from './core.ts';
import { type HttpServer, listen } from './http/listen.ts';
import { listenWhenFree } from './http/standby.ts';
import { openPromptPolicy } from './policy/prompt-policy.ts';
import { openEnhancer } from './prompts/enhancer.ts';
import { openTokenCounter } from './prompts/token-counter.ts';

/** Time between two reads of the videos that have finished. */
const LEARN_EVERY_MS = 30_000;
/** Time between two refreshes of the overview, where no request refreshes it. */
const REFRESH_EVERY_MS = 5_000;

let log: Logger | undefined;

/** Serves the API until SIGTERM or SIGINT. It starts without Temporal too, and is ready when Temporal answers. */
async function main(): Promise<number> {
  const config = readConfig(apiEnv);
  const logger = (log = createLogger('api', config.LOG_LEVEL, config));
  logger.info({ config: withoutSecrets(config) }, 'Starting');
  const stopping = new AbortController();
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve).once('SIGINT', resolve);
  });

  const audit = await openAuditLog(config.AUDIT_LOG_FILE, logger);
  const accounts = await openRegistry(config, logger, (changes) =>
    changes.forEach((change) => audit.write({ ...change })),
  );
  if (accounts.open) {
    assertNotExposed(config);
    logger.warn(
      { host: config.API_HOST },
      'Open: no API_KEYS_FILE, so everyone who reaches this address is the one user',
    );
  }
  const policy = await openPromptPolicy(config, logger);
  const encryption = await openEncryption(config, logger);
  const { SHARE_KEYS_FILE: shareKeysFile } = config;
  const shareKeys = shareKeysFile === undefined ? null : await watchKeys('SHARE_KEYS_FILE', shareKeysFile, logger);
  const tracing = await openTracing(config, 'api', logger);
  const profile = await loadProfile(config.MODEL_DIR);
  const tokens = openTokenCounter(config.MODEL_DIR, logger);
  const stores = await openStores(config);
  let client: Client | null = null;
  const core = createCore(() => client, config.API_TEMPORAL_TIMEOUT_MS, profile, createRegistry(), stores);
  const app = buildApp({
    ...core.deps,
    accounts,
    ownHosts: accounts.open ? [...config.API_ALLOWED_HOSTS, config.API_HOST.toLowerCase()] : undefined,
    trustedProxies: config.API_TRUSTED_PROXIES,
    policy,
    ...stores,
    keepHours: config.VIDEO_TTL_HOURS,
    delivery: await openContentDelivery(config),
    modelCreatedAt: await modifiedAt(config.MODEL_DIR),
    aliases: config.API_MODEL_ALIASES,
    countTokens: tokens.count,
    enhancer: openEnhancer(config, logger),
    limits: {
      bodyBytes: config.API_MAX_BODY_BYTES,
      fileBytes: config.API_MAX_FILE_BYTES,
      promptChars: config.API_MAX_PROMPT_CHARS,
      queueWaitS: config.API_MAX_QUEUE_WAIT_S ?? null,
      eventStreams: config.API_MAX_EVENT_STREAMS,
      failedKeys: config.API_MAX_FAILED_KEYS,
      shareVisits: config.API_MAX_SHARE_VISITS,
    },
    shareKeys: shareKeys ? () => shareKeys.value : undefined,
    audit: { log: audit, address: config.AUDIT_ADDRESS },
    stopping: stopping.signal,
    temporalUiUrl: config.TEMPORAL_UI_URL && namespaceUrl(config.TEMPORAL_UI_URL, config.TEMPORAL_NAMESPACE),
    codec: encryption.on ? encryption.forReaders : undefined,
    log: logger,
  });
  void stopped.then(() => stopping.abort());
  // Before the port is open: a process that takes over from another one is ready then.
  const connecting = connectClient(config, { log: logger, signal: stopping.signal, encryption, tracing }).then(
    async (connected) => {
      // Without them no job can start. A namespace of Temporal Cloud has them from its operator.
      await ensureSearchAttributes(connected.connection, config.TEMPORAL_NAMESPACE).catch((error: unknown) =>
        logger.warn({ err: error }, 'The search attributes could not be checked'),
      );
      client = connected;
      // A process that stands by has been through it all once before it must be quick.
      void core.deps.queue.refreshed();
      logger.info({ address: config.TEMPORAL_ADDRESS }, 'Connected to Temporal');
    },
    (error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    },
  );
  const ended = connecting.then(() => stopped);
  const listening = startListening(app, config, logger, stopping.signal);
  const server = await Promise.race([listening, ended.then(() => null)]);
  if (server !== null) {
    logger.info({ url: server.url, model: profile.id }, 'Listening');
    core.keepFresh({ learnMs: LEARN_EVERY_MS, refreshMs: REFRESH_EVERY_MS }, stopping.signal);
  }
  const signal = await Promise.race([stopped, ended]);
  logger.info({ signal }, 'Stopping');
  await server?.close(config.API_SHUTDOWN_GRACE_MS);
  await connecting.catch(() => undefined);
  await (client as Client | null)?.connection.close();
  accounts.close();
  policy.close();
  tokens.close();
  encryption.close();
  shareKeys?.close();
  await audit.close();
  await tracing?.close();
  await Promise.all([stores.scratch.close(), stores.artefacts.close()]);
  logger.info('Stopped');
  return 0;
}

/** @returns null where the signal came before the port was free */
async function startListening(
  app: Express,
  config: ApiConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<HttpServer | null> {
  const { API_HOST: host, API_PORT: port, API_MAX_CONNECTIONS: maxConnections } = config;
  if (config.API_STANDBY) return await listenWhenFree(app, { host, port, maxConnections }, logger, signal);
  if (port !== 0) await assertPortFree(host, port, 'API_PORT', 'the API');
  return await listen(app, host, port, { maxConnections });
}

/** Where Temporal's Web UI shows the namespace of the videos. */
const namespaceUrl = (ui: string, namespace: string) =>
  `${ui.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}`;

/** Unix seconds. @throws where there is no such folder */
async function modifiedAt(path: string): Promise<number> {
  return Math.floor((await stat(path)).mtimeMs / 1000);
}

await runProcess(main, () => log);
