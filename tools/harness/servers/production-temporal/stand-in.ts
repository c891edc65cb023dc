import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTemporalCli } from '../../../../temporal/dev-server/cli.ts';
import { type PostgresSocket, USER } from './ask-postgres.ts';
import type { PostgresCluster } from './postgres-cluster.ts';
import { dynamicConfig } from './server-config.ts';
import { temporalProgram } from './temporal-programs.ts';

const PREPARE = fileURLToPath(new URL('prepare-server.js', import.meta.url));

/** What a server is prepared with. */
export interface StandInSettings {
  socket: PostgresSocket;
  postgres: { address: string; user: string; password: string };
  dynamicConfig: string;
  /** For the configurations of servers. */
  folder: string;
}

/**
 * Makes a program that stands in for the Temporal CLI: what would start the dev server starts a production server, whose
 * databases are in the cluster; all else is the CLI's. It becomes the server, under its own process id.
 *
 * @param cluster of a {@link clusterTemplate}, started
 * @param tell is given what people should read while a program is fetched or built
 * @returns its path, in the cluster's folder. @throws Error where a program cannot be had
 */
export async function makeStandIn(cluster: PostgresCluster, tell: (line: string) => void = () => {}): Promise<string> {
  const [cli, server] = [await findTemporalCli({ progress: tell }), await temporalProgram('temporal-server', tell)];
  const password = await cluster.newPassword();
  const file = (name: string) => join(cluster.folder, name);
  const settings: StandInSettings = {
    socket: cluster.socket,
    postgres: { address: `127.0.0.1:${cluster.port}`, user: USER, password },
    dynamicConfig: file('dynamic-config.json'),
    folder: cluster.folder,
  };
  const asked = file('stand-in.json');
  const path = file('temporal');
  await Promise.all([
    writeFile(settings.dynamicConfig, await dynamicConfig()),
    writeFile(asked, JSON.stringify(settings), { mode: 0o600 }),
    writeFile(path, script(cli, server, asked), { mode: 0o755 }),
  ]);
  return path;
}

const script = (cli: string, server: string, settings: string) => `#!/bin/sh
# Stands in for the Temporal CLI: "server start-dev" becomes a production server on PostgreSQL.
[ "$1 $2" = 'server start-dev' ] || exec '${cli}' "$@"
shift 2
config=$('${process.execPath}' '${PREPARE}' '${settings}' $$ "$@") || exit
exec '${server}' --config-file "$config" --allow-no-auth start
`;
