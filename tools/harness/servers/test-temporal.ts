import { UserError } from '../../../platform/config/user-error.ts';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { PostgresCluster } from './production-temporal/postgres-cluster.ts';
import { makeStandIn } from './production-temporal/stand-in.ts';
import { clusterTemplate } from './production-temporal/template.ts';

/** Which Temporal server tests and tools start; by default the CLI's dev server. */
const SWITCH = 'KINORA_TEST_TEMPORAL';
/** The program that the first process of a run has made, for those that it starts. */
const MADE = 'KINORA_TEST_TEMPORAL_PROGRAM';

/**
 * Whether tests and tools run on a production server with PostgreSQL: `KINORA_TEST_TEMPORAL=postgres`.
 *
 * @throws UserError where it is set to anything else
 */
export function onPostgres(): boolean {
  const chosen = process.env[SWITCH] ?? '';
  if (!['', 'postgres'].includes(chosen)) {
    throw new UserError(`${SWITCH}=${chosen} is no Temporal server to test on. Set it to postgres, or unset it.`);
  }
  return chosen === 'postgres';
}

let made: Promise<string> | null = null;

/**
 * The program whose `server start-dev` starts the server to test on: the Temporal CLI, or its stand-in. The first call of a run
 * starts PostgreSQL, which ends with the process that has called; processes that this one starts share it, in `TEMPORAL_CLI` too.
 *
 * @param tell is given what people should read while something is fetched or built
 */
export async function testTemporal(tell: (line: string) => void = toErrors): Promise<string> {
  if (!onPostgres()) return await findTemporalCli({ progress: tell });
  return process.env[MADE] ?? (await (made ??= start(tell)));
}

async function start(tell: (line: string) => void): Promise<string> {
  const cluster = await PostgresCluster.make(await clusterTemplate(tell));
  await cluster.start();
  const program = await makeStandIn(cluster, tell);
  process.env[MADE] = program;
  process.env['TEMPORAL_CLI'] = program;
  return program;
}

const toErrors = (line: string) => void process.stderr.write(`${line}\n`);
