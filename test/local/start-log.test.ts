import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MOCHI_TINY } from '../../tools/harness/model/model-folder.ts';
import { WorkerProcess } from '../../tools/harness/services/worker-process.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kinora-start-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Of every kind of place that settings have for secrets. */
const secrets = () => ({
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  TEMPORAL_API_KEY: 'hush-1',
  S3_ENDPOINT: 'http://me:hush-2@127.0.0.1:9',
  S3_PUBLIC_ENDPOINT: 'http://hush-3@127.0.0.1:9',
  S3_ACCESS_KEY_ID: 'hush-4',
  S3_SECRET_ACCESS_KEY: 'hush-5',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:hush-6@127.0.0.1:9',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/hush-7',
  POLICY_MODERATOR_URL: 'http://127.0.0.1:9/?token=hush-8',
  WEBHOOK_URL: 'https://hooks.example.com/hush-9',
  WEBHOOK_SECRETS: `whsec_${Buffer.from('hush-10'.padEnd(32)).toString('base64')}`,
  TEMPORAL_UI_URL: 'http://me:hush-11@127.0.0.1:9',
  SCRATCH_URL: pathToFileURL(join(folder, 'scratch')).href,
  ARTEFACTS_URL: pathToFileURL(join(folder, 'artefacts')).href,
  TEMP_DIR: join(folder, 'temp'),
  MODEL_DIR: MOCHI_TINY,
  DEVICES: 'cpu',
});

it.each(['api/server.js', 'activities/worker.js', 'gpu-worker/worker.js'])(
  'who reads the log of %s learns no password, key or token of a setting',
  async (program) => {
    const started = new WorkerProcess(program, secrets());
    try {
      const line = JSON.stringify(await started.saw('Starting'));
      expect(line).toContain('127.0.0.1:9');
      expect(line).not.toMatch(/hush|whsec/);
      expect(JSON.stringify(started.log)).not.toMatch(/hush|whsec/);
    } finally {
      await started.stop();
    }
  },
);
