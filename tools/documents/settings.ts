import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { cpuWorkerEnv } from '../../activities/config.ts';
import { apiEnv } from '../../api/config.ts';
import { policyEnv } from '../../api/policy/config.ts';
import { enhancerEnv } from '../../api/prompts/config.ts';
import { contentDeliveryEnv } from '../../api/videos/content-delivery.ts';
import { gpuWorkerEnv } from '../../gpu-worker/config.ts';
import { deviceEnv } from '../../gpu-worker/device/config.ts';
import { generateEnv } from '../../gpu-worker/generate/config.ts';
import { hubEnv } from '../../gpu-worker/models/pull/config.ts';
import { localEnv } from '../../local/config.ts';
import { accountsEnv } from '../../platform/accounts/config.ts';
import { auditEnv } from '../../platform/audit/config.ts';
import { logEnv } from '../../platform/config/config.ts';
import { storageEnv } from '../../storage/config.ts';
import { temporalEnv, workerEnv } from '../../temporal/config.ts';
import { encryptionEnv } from '../../temporal/encryption/config.ts';
import { tracingEnv } from '../../temporal/tracing/config.ts';
import { type DocComment, docComments } from './doc-comments.ts';

const ROOT = new URL('../../../', import.meta.url);

/** What each process reads. */
export const PROCESSES: Record<string, { shape: Record<string, z.ZodType> }> = {
  API: apiEnv,
  'CPU worker': cpuWorkerEnv,
  'GPU worker': gpuWorkerEnv,
  '`npm start`': localEnv,
  '`npm run models:pull`': hubEnv,
};

/** Where the settings are declared, in the order of the page; a schema that takes over another one's comes after it. */
const SECTIONS = [
  { title: 'The API', file: 'api/config.ts', schemas: [apiEnv] },
  { title: 'Accounts', file: 'platform/accounts/config.ts', schemas: [accountsEnv] },
  { title: 'Which prompts are refused', file: 'api/policy/config.ts', schemas: [policyEnv] },
  { title: 'Prompt enhancer', file: 'api/prompts/config.ts', schemas: [enhancerEnv] },
  { title: 'Audit trail', file: 'platform/audit/config.ts', schemas: [auditEnv] },
  { title: 'Downloads', file: 'api/videos/content-delivery.ts', schemas: [contentDeliveryEnv] },
  { title: 'CPU worker', file: 'activities/config.ts', schemas: [cpuWorkerEnv] },
  { title: 'GPU worker', file: 'gpu-worker/config.ts', schemas: [gpuWorkerEnv] },
  { title: 'Devices', file: 'gpu-worker/device/config.ts', schemas: [deviceEnv] },
  { title: 'Checkpoints and previews', file: 'gpu-worker/generate/config.ts', schemas: [generateEnv] },
  { title: 'Stores', file: 'storage/config.ts', schemas: [storageEnv] },
  { title: 'Temporal', file: 'temporal/config.ts', schemas: [temporalEnv, workerEnv] },
  { title: 'Encryption', file: 'temporal/encryption/config.ts', schemas: [encryptionEnv] },
  { title: 'Tracing', file: 'temporal/tracing/config.ts', schemas: [tracingEnv] },
  { title: 'Logs', file: 'platform/config/config.ts', schemas: [logEnv] },
  { title: 'npm start', file: 'local/config.ts', schemas: [localEnv] },
  { title: 'Pulling weights', file: 'gpu-worker/models/pull/config.ts', schemas: [hubEnv] },
];

/** An environment variable. */
export interface Setting {
  name: string;
  schema: z.ZodType;
  comment: DocComment;
  /** Names of `PROCESSES` that read it. */
  processes: string[];
}

/**
 * Every variable that a process reads, by the section of the page that it belongs to.
 *
 * @throws Error for one that has no comment, or that no section has
 */
export async function settingsBySection(): Promise<{ title: string; settings: Setting[] }[]> {
  const sections = await Promise.all(
    SECTIONS.map(async ({ title, file, schemas }) => {
      const comments = docComments(file, await readFile(new URL(file, ROOT), 'utf8'));
      const settings = [...comments].map(([name, comment]) => {
        const schema = schemas.map(({ shape }) => (shape as Record<string, z.ZodType>)[name]).find(Boolean);
        if (schema === undefined) throw new Error(`${file} has a comment on ${name}, which is not in its schema`);
        return { name, schema, comment, processes: processesOf(name, schema) };
      });
      return { title, settings: settings.filter(({ processes }) => processes.length > 0) };
    }),
  );
  const described = sections.flatMap(({ settings }) => settings);
  for (const [process, { shape }] of Object.entries(PROCESSES)) {
    for (const [name, schema] of Object.entries(shape)) {
      if (!described.some((setting) => setting.name === name && setting.schema === schema)) {
        throw new Error(`${name} (${process}) has no comment above it, or its file is not among the sections`);
      }
    }
  }
  return sections;
}

/** Schemas are shared, so that a setting that several processes take over is the same object in each. */
const processesOf = (name: string, schema: z.ZodType) =>
  Object.keys(PROCESSES).filter((process) => PROCESSES[process]!.shape[name] === schema);
