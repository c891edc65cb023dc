import { fileURLToPath } from 'node:url';
import { ConfigError } from '../platform/config/config.ts';
import { assertUsableFolder } from '../platform/files/folder.ts';
import { assertModelFolder } from '../platform/model/model-folder.ts';
import { assertPortFree } from '../platform/http/ports.ts';
import type { LocalConfig } from './config.ts';

const PORTS = ['API_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'] as const;

export const portsOf = (config: LocalConfig): number[] => PORTS.map((name) => config[name]);

/** @throws ConfigError where two settings name the same port; PortInUseError where something listens on one */
export async function assertPorts(config: LocalConfig): Promise<void> {
  for (const [i, name] of PORTS.entries()) {
    const other = PORTS.slice(0, i).find((earlier) => config[earlier] === config[name]);
    if (other) {
      throw new ConfigError(`${other} and ${name} are both ${config[name]}. Set one of them to another port.`);
    }
  }
  await assertPortFree(config.API_HOST, config.API_PORT, 'API_PORT', 'the API', 'API_HOST');
  await assertPortFree('127.0.0.1', config.TEMPORAL_PORT, 'TEMPORAL_PORT', "Temporal's server");
  await assertPortFree('127.0.0.1', config.TEMPORAL_UI_PORT, 'TEMPORAL_UI_PORT', "Temporal's Web UI");
}

/** @throws UserError that names the setting whose folder cannot be used */
export async function assertPlaces({ MODEL_DIR, TEMP_DIR, SCRATCH_URL, ARTEFACTS_URL }: LocalConfig): Promise<void> {
  await assertModelFolder(MODEL_DIR);
  for (const [setting, url] of Object.entries({ SCRATCH_URL, ARTEFACTS_URL })) {
    if (url?.startsWith('file:')) await assertUsableFolder(setting, fileURLToPath(url));
  }
  if (TEMP_DIR !== undefined) await assertUsableFolder('TEMP_DIR', TEMP_DIR);
}
