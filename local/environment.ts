import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { workerEnv } from '../temporal/config.ts';
import type { LocalConfig } from './config.ts';
import type { DataFolder } from './data-folder.ts';

/** What every process of the service is started with. */
export function environment(config: LocalConfig, data: DataFolder): NodeJS.ProcessEnv {
  return {
    ...process.env,
    SCRATCH_URL: config.SCRATCH_URL ?? pathToFileURL(data.scratch).href,
    ARTEFACTS_URL: config.ARTEFACTS_URL ?? pathToFileURL(data.artefacts).href,
    TEMP_DIR: config.TEMP_DIR ?? data.temporary,
    API_HOST: config.API_HOST,
    API_PORT: String(config.API_PORT),
    MODEL_DIR: config.MODEL_DIR,
    API_KEYS_FILE: config.API_KEYS_FILE,
    AUDIT_LOG_FILE: config.AUDIT_LOG_FILE,
    ENCRYPTION_KEYS_FILE: config.ENCRYPTION_KEYS_FILE,
    // Ours, whatever server the environment may name; of one version, which cannot be chosen.
    ...Object.fromEntries(
      Object.keys(workerEnv.shape)
        .filter((name) => name.startsWith('TEMPORAL_'))
        .map((name) => [name, '']),
    ),
    TEMPORAL_ADDRESS: `127.0.0.1:${config.TEMPORAL_PORT}`,
    TEMPORAL_UI_URL: process.env['TEMPORAL_UI_URL'] || uiUrl(config),
    // One for all processes, until the service ends.
    LOG_PROMPTS_SECRET: process.env['LOG_PROMPTS_SECRET'] || randomBytes(32).toString('base64url'),
  };
}

/** Of Temporal's Web UI on this machine. */
export const uiUrl = ({ TEMPORAL_UI_PORT }: LocalConfig): string => `http://127.0.0.1:${TEMPORAL_UI_PORT}`;
