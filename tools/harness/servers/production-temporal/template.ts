import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { msToTs } from '@temporalio/common/lib/time.js';
import { SEARCH_ATTRIBUTES } from '../../../../contract/names.ts';
import { readConfig } from '../../../../platform/config/config.ts';
import { cacheFolder, makeFile } from '../../../../platform/fetch/cache.ts';
import { freePorts } from '../../../../platform/http/ports.ts';
import { createLogger } from '../../../../platform/log/logger.ts';
import { temporalEnv } from '../../../../temporal/config.ts';
import { connectClient } from '../../../../temporal/connection.ts';
import { ensureSearchAttributes } from '../../../../temporal/search-attributes.ts';
import { USER } from './ask-postgres.ts';
import { findPostgres } from './postgres-programs.ts';
import { PostgresCluster } from './postgres-cluster.ts';
import { dynamicConfig, historyShards, serverConfig, type Store } from './server-config.ts';
import { SCHEMAS, TEMPLATES } from './template-databases.ts';
import { temporalProgram, temporalServerVersion } from './temporal-programs.ts';

const run = promisify(execFile);

const STORES = Object.keys(TEMPLATES) as Store[];

/** Of the dev server's namespace. */
const NAMESPACE = 'default';
const RETENTION = '24h';
/** To be counted up when what is made here changes. */
const FORM = 1;

/**
 * Files of a cluster whose templates are databases as a new server of the dev server's form has them: Temporal's schemas, the
 * namespace, Kinora's search attributes. From the cache, else made into it.
 *
 * @param tell is given what people should read meanwhile
 * @throws UserError where PostgreSQL is not installed
 */
export async function clusterTemplate(tell: (line: string) => void): Promise<string> {
  const { postgres } = await findPostgres();
  const [{ stdout: version }, temporal, shards] = await Promise.all([
    run(postgres, ['--version']),
    temporalServerVersion(),
    historyShards(),
  ]);
  const made = JSON.stringify([FORM, version, temporal, shards, SEARCH_ATTRIBUTES]);
  const name = createHash('sha256').update(made).digest('hex').slice(0, 12);
  const path = join(cacheFolder(), `temporal-postgres-${name}`);
  try {
    await access(path);
  } catch {
    tell("making databases with Temporal's schemas in PostgreSQL");
    const cluster = await PostgresCluster.make();
    try {
      await cluster.start();
      await fill(cluster);
      await cluster.shutDown();
      // Another process may have been faster.
      await makeFile(path, (temporary) => run('cp', ['-a', cluster.data, temporary]).then(() => {})).catch(() =>
        access(path),
      );
    } finally {
      await cluster.remove();
    }
  }
  return path;
}

async function fill(cluster: PostgresCluster): Promise<void> {
  const password = await cluster.newPassword();
  const tool = await temporalProgram('temporal-sql-tool');
  for (const store of STORES) {
    const database = TEMPLATES[store];
    await cluster.ask('postgres', `create database ${database}`);
    const place = ['--plugin', 'postgres12_pgx', '--endpoint', '127.0.0.1', '--port', String(cluster.port)];
    const env = { ...process.env, SQL_USER: USER, SQL_PASSWORD: password, SQL_DATABASE: database };
    await run(tool, [...place, 'setup-schema', '--version', '0.0'], { env });
    await run(tool, [...place, 'update-schema', '--schema-name', SCHEMAS[store]], { env });
  }
  await register(cluster, password);
  // That server is no member of any cluster any more.
  await cluster.ask(TEMPLATES.default, 'delete from cluster_membership');
  for (const database of Object.values(TEMPLATES)) {
    await cluster.ask('postgres', `alter database ${database} is_template true allow_connections false`);
  }
}

/** Has a server of the databases make the namespace and the search attributes. */
async function register(cluster: PostgresCluster, password: string): Promise<void> {
  const [port = 0, ...ports] = await freePorts(8);
  const files = { config: join(cluster.folder, 'config.json'), dynamic: join(cluster.folder, 'dynamic-config.json') };
  await writeFile(files.dynamic, await dynamicConfig());
  const place = {
    host: '127.0.0.1',
    port,
    ports,
    logLevel: 'warn',
    databases: TEMPLATES,
    dynamicConfig: files.dynamic,
  };
  const postgres = { address: `127.0.0.1:${cluster.port}`, user: USER, password };
  await writeFile(files.config, await serverConfig({ ...place, postgres }));
  const server = spawn(
    await temporalProgram('temporal-server'),
    ['--config-file', files.config, '--allow-no-auth', 'start'],
    {
      stdio: 'ignore',
    },
  );
  const ended = new AbortController();
  const exited = once(server, 'exit').then(() => ended.abort(new Error("Temporal's server ended by itself")));
  try {
    const config = readConfig(temporalEnv, { TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    const { connection } = await connectClient(config, { log: createLogger('test', 'silent'), signal: ended.signal });
    await connection.workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: msToTs(RETENTION),
    });
    await ensureSearchAttributes(connection, NAMESPACE);
    await connection.close();
  } finally {
    server.kill('SIGTERM');
    await exited;
  }
}
