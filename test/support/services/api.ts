import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import type { AppDeps } from '../../../api/app-deps.ts';
import { buildApp } from '../../../api/app.ts';
import { createCore } from '../../../api/core.ts';
import { listen } from '../../../api/http/listen.ts';
import { policyEnv } from '../../../api/policy/config.ts';
import { openPromptPolicy } from '../../../api/policy/prompt-policy.ts';
import type { ObjectStore } from '../../../storage/object-store.ts';
import { LocalStore } from '../../../storage/local.ts';
import { createLogger } from '../../../platform/log/logger.ts';
import { MOCHI_1_PROFILE } from '../../../contract/model-profile.ts';
import { openAccounts } from '../../../tools/harness/services/accounts.ts';
import { checkResponse } from '../client/checked-responses.ts';
import { assertAsDescribed } from '../client/response-faults.ts';

export interface TestApi {
  /** `http://127.0.0.1:port` */
  url: string;
  app: Express;
  scratch: LocalStore;
  artefacts: ObjectStore;
  /** Requests that came so far, as `METHOD /path`. */
  requests: string[];
  stop(): Promise<void>;
}

export interface TestApiOptions extends Partial<Omit<AppDeps, 'limits'>> {
  /** @default small texts, a line of any length */
  limits?: Partial<AppDeps['limits']>;
  /** @default none: Temporal is down */
  client?: () => Client | null;
  /** @default 5000 */
  timeoutMs?: number;
  /** Time between two looks at the whole service. @default 5000, as in production */
  lookEveryMs?: number;
}

/** Time between two looks for videos that have finished; short, for tests that wait for them. */
const LEARN_EVERY_MS = 500;

/**
 * The API on a free port, with a store of finished videos in a temporary folder. Every response is held to the API's
 * description.
 */
export async function startTestApi({
  client = () => null,
  timeoutMs = 5000,
  lookEveryMs = 5000,
  artefacts: given,
  limits,
  ...deps
}: TestApiOptions = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'kinora-api-'));
  const scratch = new LocalStore(join(folder, 'scratch'));
  const artefacts = given ?? new LocalStore(join(folder, 'artefacts'));
  const requests: string[] = [];
  const core = createCore(client, timeoutMs, deps.profile ?? MOCHI_1_PROFILE, new Registry(), { scratch, artefacts });
  const log = createLogger('api', 'silent');
  const stopping = new AbortController();
  const app = buildApp({
    ...core.deps,
    accounts: await openAccounts(),
    policy: await openPromptPolicy(policyEnv.parse({}), log),
    scratch,
    artefacts,
    modelCreatedAt: 1_790_000_000,
    aliases: [],
    keepHours: 168,
    stopping: stopping.signal,
    log,
    ...deps,
    limits: {
      bodyBytes: 100_000,
      fileBytes: 50_000_000,
      promptChars: 4000,
      queueWaitS: null,
      eventStreams: 100,
      ...limits,
    },
  });
  core.keepFresh({ learnMs: LEARN_EVERY_MS, refreshMs: lookEveryMs }, stopping.signal);
  const server = await listen(
    (request, response) => {
      requests.push(`${request.method} ${request.url}`);
      checkResponse(request, response);
      app(request, response);
    },
    '127.0.0.1',
    0,
  );
  return {
    url: server.url,
    app,
    scratch,
    artefacts,
    requests,
    stop: async () => {
      stopping.abort();
      await server.close(0);
      await rm(folder, { recursive: true, force: true });
      assertAsDescribed();
    },
  };
}
