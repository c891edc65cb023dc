import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../platform/http/ports.ts';
import { until } from '../../tools/harness/patience.ts';
import { processesWith } from '../../tools/harness/measure/process-tree.ts';
import { findPostgres } from '../../tools/harness/servers/production-temporal/postgres-programs.ts';
import { dynamicConfig, serverConfig } from '../../tools/harness/servers/production-temporal/server-config.ts';
import { TemporalHarness } from '../../tools/harness/services/temporal-harness.ts';
import { onPostgres, testTemporal } from '../../tools/harness/servers/test-temporal.ts';
import { parseYaml } from '../../tools/harness/yaml.ts';

const dist = (path: string) => new URL(`../../${path}`, import.meta.url).href;

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kinora-production-temporal-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a production server, for tests', () => {
  it('is set up as k8s/temporal/values.yaml sets it up: what is tested is what is installed', async () => {
    const { server } = parseYaml<{ server: { config: { persistence: Persistence }; dynamicConfig: object } }>(
      await readFile(new URL('../../../k8s/temporal/values.yaml', import.meta.url), 'utf8'),
    );
    const { numHistoryShards, datastores } = server.config.persistence;
    const config = JSON.parse(
      await serverConfig({
        host: '127.0.0.1',
        port: 7233,
        ports: [1, 2, 3, 4, 5, 6, 7],
        logLevel: 'warn',
        databases: { default: 'one', visibility: 'another' },
        postgres: { address: '127.0.0.1:1', user: 'temporal', password: 'secret' },
        dynamicConfig: 'dynamic.json',
      }),
    ) as { persistence: Persistence };
    expect(config.persistence.numHistoryShards).toBe(numHistoryShards);
    for (const [store, { sql }] of Object.entries(datastores)) {
      const { pluginName, maxConns, maxIdleConns, maxConnLifetime } = sql;
      expect(config.persistence.datastores[store]!.sql).toMatchObject({
        pluginName,
        maxConns,
        maxIdleConns,
        maxConnLifetime,
      });
      expect(config.persistence.datastores[store]!.sql).not.toHaveProperty('existingSecret');
    }
    expect(JSON.parse(await dynamicConfig())).toEqual(server.dynamicConfig);
  });

  it('says how PostgreSQL is installed where it is not, and finds it behind a link on PATH', async () => {
    await expect(findPostgres(folder, folder)).rejects.toThrow(/initdb.*neither on PATH.*apt-get install postgresql/);
    const found = await findPostgres().catch(() => null);
    if (found === null) return;
    await symlink(found.postgres, join(folder, 'postgres'));
    expect(await findPostgres(folder, '/nowhere')).toEqual(found);
  });

  it('is asked for by one word, and no other is quietly taken for none', async () => {
    const program = `import { onPostgres } from ${JSON.stringify(dist('tools/harness/servers/test-temporal.js'))};\nonPostgres();`;
    const asked = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, KINORA_TEST_TEMPORAL: 'postgresql' },
    });
    await expect(asked).rejects.toThrow(/KINORA_TEST_TEMPORAL=postgresql is no Temporal server to test on/);
  });
});

interface Persistence {
  numHistoryShards: number;
  datastores: Record<string, { sql: Record<string, unknown> }>;
}

const describeOnPostgres = onPostgres() ? describe : describe.skip;

describeOnPostgres('on a production server (KINORA_TEST_TEMPORAL=postgres)', () => {
  it('workflows are kept in PostgreSQL, each server has databases of its own, and the CLI works as ever', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => TemporalHarness.start()));
    try {
      const ids = servers.map((_, i) => `workflow-${i}`);
      await Promise.all(
        servers.map(({ client }, i) =>
          client.workflow.start('never', {
            taskQueue: 'none',
            workflowId: ids[i]!,
            searchAttributes: { AccountId: ['someone'] },
          }),
        ),
      );
      for (const [i, { client, server }] of servers.entries()) {
        await until(async () => (await client.workflow.count(`AccountId = 'someone'`)).count === 1);
        for (const other of ids.toSpliced(i, 1)) {
          await expect(client.workflow.getHandle(other).describe()).rejects.toThrow(/not found/);
        }
        const cli = await testTemporal();
        const { stdout } = await promisify(execFile)(cli, ['workflow', 'list', '--address', server.address]);
        expect(stdout).toContain(ids[i]);
        const command = await readFile(`/proc/${server.pid}/cmdline`, 'utf8');
        expect(command).toContain('temporal-server');
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });

  it('nothing is left, no process and no file, where the run that needed it is killed', async () => {
    const program = `
      import { testTemporal } from ${JSON.stringify(dist('tools/harness/servers/test-temporal.js'))};
      import { startDevServer } from ${JSON.stringify(dist('temporal/dev-server/dev-server.js'))};
      const server = await startDevServer({ cli: await testTemporal(), port: Number(process.env.PORT) });
      console.log(JSON.stringify({ cli: await testTemporal(), pid: server.pid }));
      await server.exited;`;
    const [port] = await freePorts(1);
    const { KINORA_TEST_TEMPORAL_PROGRAM: _, ...env } = process.env;
    const run = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...env, PORT: String(port), MARK: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let folderOfRun: string;
    try {
      const [line] = (await once(createInterface(run.stdout), 'line')) as [string];
      const { cli, pid } = JSON.parse(line) as { cli: string; pid: number };
      folderOfRun = dirname(cli);
      const before = await processesWith('MARK', folder);
      expect(before).toContain(pid);
      // The run, Temporal and PostgreSQL, whose own processes write other things where their environment was.
      expect(before).toHaveLength(3);
    } finally {
      run.kill('SIGKILL');
    }
    await until(async () => (await processesWith('MARK', folder)).length === 0);
    await until(() => !existsSync(folderOfRun));
  });
});
