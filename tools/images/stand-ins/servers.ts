import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findTemporalCli } from '../../../temporal/dev-server/cli.ts';
import { findPrometheus } from '../../harness/servers/prometheus-programs.ts';
import { temporalProgram, temporalServerVersion } from '../../harness/servers/production-temporal/temporal-programs.ts';
import { versitygw as s3Server } from '../../harness/servers/s3-server.ts';
import { BASE } from './debian.ts';
import type { Around, Recipe } from './recipe.ts';

/** What the official images, which are Alpine's, have in their busybox. */
const WITH_TOOLS = `FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates netcat-openbsd wget
`;

/** What the official image does at its first start, in short. */
const POSTGRES_START = `#!/bin/bash
set -e
if [ "$(id -u)" = 0 ]; then
  chown postgres: "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --clear-groups "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --username "$POSTGRES_USER" --pwfile <(echo "$POSTGRES_PASSWORD") --auth-host scram-sha-256 --auth-local trust \\
    --encoding UTF8 --locale C
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  echo "create database \\"$POSTGRES_USER\\"" | postgres --single postgres
fi
exec postgres -c listen_addresses='*'
`;

/** PostgreSQL of Debian, which is older than the one that it stands in for. */
export const postgres: Recipe = async (_tag, context) => {
  await program(context, 'start', POSTGRES_START);
  return `FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends postgresql && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/
COPY start /usr/local/bin/start
ENV PGDATA=/var/lib/postgresql/data
RUN mkdir -p "$PGDATA" /var/run/postgresql && chown postgres: "$PGDATA" /var/run/postgresql
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["start"]
`;
};

/** The S3 server of the tests, which is the same release. */
export const versitygw: Recipe = async (_tag, context, { tell }) => {
  await copyFile(await s3Server(tell), join(context, 'versitygw'));
  return `${WITH_TOOLS}COPY versitygw /usr/local/bin/\nENTRYPOINT ["versitygw"]\n`;
};

/** Prometheus of Debian, which is older than the one that it stands in for. */
export const prometheus: Recipe = async (_tag, context) => {
  const found = await findPrometheus('prometheus');
  if (found === null) throw new Error('Debian has no package of Prometheus');
  await copyFile(found, join(context, 'prometheus'));
  return `FROM ${BASE}
COPY prometheus /usr/local/bin/
RUN mkdir /prometheus && chown nobody:nogroup /prometheus
USER nobody
WORKDIR /prometheus
VOLUME /prometheus
ENTRYPOINT ["prometheus"]
`;
};

/** Other nodes are told the container's own address where all are listened on. */
const TEMPORAL_START = `#!/bin/sh
set -eu
address=$(hostname -i | cut -d ' ' -f 1)
export BIND_ON_IP="\${BIND_ON_IP:-$address}"
[ "$BIND_ON_IP" != 0.0.0.0 ] || export TEMPORAL_BROADCAST_ADDRESS="\${TEMPORAL_BROADCAST_ADDRESS:-$address}"
exec temporal-server start
`;
const TEMPORAL_USER = 'RUN useradd --uid 1000 --user-group --create-home temporal\n';

export const temporalServer: Recipe = async (tag, context, around) => {
  await copyFile(await tested('temporal-server', tag, around), join(context, 'temporal-server'));
  await program(context, 'entrypoint.sh', TEMPORAL_START);
  return `${WITH_TOOLS}${TEMPORAL_USER}COPY temporal-server /usr/local/bin/
COPY entrypoint.sh /etc/temporal/
WORKDIR /etc/temporal
USER temporal
CMD ["/etc/temporal/entrypoint.sh"]
`;
};

export const temporalAdminTools: Recipe = async (tag, context, around) => {
  await copyFile(await tested('temporal-sql-tool', tag, around), join(context, 'temporal-sql-tool'));
  await copyFile(await findTemporalCli({ progress: around.tell, signal: around.signal }), join(context, 'temporal'));
  return `${WITH_TOOLS}${TEMPORAL_USER}COPY temporal temporal-sql-tool /usr/local/bin/
USER temporal
CMD ["sleep", "infinity"]
`;
};

/** @throws Error where the image is not of the version that the tests run on */
async function tested(
  name: Parameters<typeof temporalProgram>[0],
  tag: string,
  { tell, signal }: Around,
): Promise<string> {
  const version = await temporalServerVersion();
  if (tag !== version) throw new Error(`Temporal ${tag} is named, and temporal/dev-server/go.mod has ${version}`);
  return await temporalProgram(name, tell, signal);
}

async function program(context: string, name: string, text: string): Promise<void> {
  await mkdir(dirname(join(context, name)), { recursive: true });
  await writeFile(join(context, name), text, { mode: 0o755 });
}
