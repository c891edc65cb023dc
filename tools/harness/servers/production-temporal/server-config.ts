import { readFile } from 'node:fs/promises';
import { parseYaml } from '../../yaml.ts';

const VALUES = new URL('../../../../../k8s/temporal/values.yaml', import.meta.url);

/** What the chart keeps for itself, beside what its server is to be told. */
const CHART_ONLY = ['createDatabase', 'manageSchema', 'driverName', 'existingSecret', 'secretKey'];

/** A kind of database that a server has. */
export type Store = 'default' | 'visibility';

/** Of k8s/temporal/values.yaml, as far as it is read here. */
interface Values {
  server: {
    config: {
      persistence: {
        numHistoryShards: number;
        datastores: Record<Store, { sql: Record<string, unknown> }>;
      };
    };
    dynamicConfig: Record<string, unknown>;
  };
}

export interface ServerPlace {
  /** Of the frontend. */
  host: string;
  port: number;
  /** Seven more, for all else that its services listen on; below 32768, since a column of two bytes keeps some of them. */
  ports: number[];
  logLevel: string;
  databases: Record<Store, string>;
  /** `host:port` of PostgreSQL, and its user. */
  postgres: { address: string; user: string; password: string };
  /** File with the dynamic configuration. */
  dynamicConfig: string;
}

const values = async () => parseYaml<Values>(await readFile(VALUES, 'utf8'));

/** The dynamic configuration that production has. JSON, which is YAML. */
export async function dynamicConfig(): Promise<string> {
  return JSON.stringify((await values()).server.dynamicConfig);
}

/** How many shards production has: a database is made for one number of them. */
export async function historyShards(): Promise<number> {
  return (await values()).server.config.persistence.numHistoryShards;
}

/**
 * The configuration of Temporal's server as its chart makes it of k8s/temporal/values.yaml, but in one process, on this machine,
 * without TLS. JSON, which is YAML.
 */
export async function serverConfig(place: ServerPlace): Promise<string> {
  const { host, port, ports, logLevel, databases, postgres } = place;
  const { persistence } = (await values()).server.config;
  const own = '127.0.0.1';
  const [history, matching, worker, ...membership] = ports;
  const listen = (grpcPort: number, service: number, on = own) => ({
    rpc: { grpcPort, membershipPort: membership[service], bindOnIP: on },
  });
  const datastore = (store: Store) => ({
    sql: {
      ...Object.fromEntries(
        Object.entries(persistence.datastores[store].sql).filter(([name]) => !CHART_ONLY.includes(name)),
      ),
      databaseName: databases[store],
      connectAddr: postgres.address,
      user: postgres.user,
      password: postgres.password,
    },
  });
  return JSON.stringify({
    log: { stdout: true, level: logLevel },
    persistence: {
      ...persistence,
      datastores: { default: datastore('default'), visibility: datastore('visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: own } },
    services: {
      frontend: listen(port, 0, host),
      history: listen(history!, 1),
      matching: listen(matching!, 2),
      worker: listen(worker!, 3),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'temporal-frontend',
          rpcAddress: `${own}:${port}`,
        },
      },
    },
    publicClient: { hostPort: `${own}:${port}` },
    dynamicConfigClient: { filepath: place.dynamicConfig, pollInterval: '10s' },
  });
}
