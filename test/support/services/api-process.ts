import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountsText, type TestAccount } from '../../../tools/harness/services/accounts.ts';
import { patientFetch } from '../../../tools/harness/client/patient-fetch.ts';
import { WorkerProcess } from '../../../tools/harness/services/worker-process.ts';

/** So many API processes, as production runs them, at one Temporal and with the same accounts. */
export class ApiProcesses {
  readonly urls: string[] = [];
  readonly processes: WorkerProcess[] = [];
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(many: number, temporalAddress: string, accounts: TestAccount[]): Promise<ApiProcesses> {
    const folder = await mkdtemp(join(tmpdir(), 'kinora-apis-'));
    const apis = new ApiProcesses(folder);
    const keysFile = join(folder, 'keys.json');
    await writeFile(keysFile, accountsText(...accounts));
    for (let i = 0; i < many; i++) {
      apis.processes.push(
        new WorkerProcess('api/server.js', {
          API_PORT: '0',
          API_KEYS_FILE: keysFile,
          API_TEMPORAL_TIMEOUT_MS: '3000',
          TEMPORAL_ADDRESS: temporalAddress,
          SCRATCH_URL: `file://${folder}/scratch`,
          ARTEFACTS_URL: `file://${folder}/artefacts`,
        }),
      );
    }
    for (const process of apis.processes) {
      const { url } = await process.saw('Listening');
      apis.urls.push(url as string);
    }
    for (const url of apis.urls) {
      while ((await fetch(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return apis;
  }

  /** @param key that is sent, in the name of whose account */
  post(process: number, key: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    return patientFetch(`${this.urls[process]}/v1/videos`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
