import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The superuser of every cluster here; as Temporal's is called in k8s/temporal/values.yaml. */
export const USER = 'temporal';

/** How a cluster is reached by those who may see its folder, without a password. */
export interface PostgresSocket {
  /** PostgreSQL's `psql`. */
  psql: string;
  folder: string;
  port: number;
}

/**
 * Runs SQL, each statement by itself.
 *
 * @returns what it answers: values separated by `|`, rows by line ends. @throws with PostgreSQL's own words
 */
export async function askPostgres(
  { psql, folder, port }: PostgresSocket,
  database: string,
  ...statements: string[]
): Promise<string> {
  const place = ['-h', folder, '-p', String(port), '-U', USER, '-d', database];
  const plain = ['--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--set=ON_ERROR_STOP=1'];
  const { stdout } = await promisify(execFile)(psql, [...place, ...plain, ...statements.flatMap((sql) => ['-c', sql])]);
  return stdout.trim();
}
