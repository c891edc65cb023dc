import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { askPostgres, type PostgresSocket } from './ask-postgres.ts';
import type { Store } from './server-config.ts';
import { TEMPLATES } from './template-databases.ts';

/**
 * The databases of a server: new ones, or those that a file names, which stands for them as the dev server's database does: where
 * it is not there, they are new, and it names them from now on.
 *
 * @param server its process id
 * @param file absolute; null for a server of which nothing is kept
 */
export async function serverDatabases(
  socket: PostgresSocket,
  server: string,
  file: string | null,
): Promise<Record<Store, string>> {
  const kept = file === null ? null : await readFile(file, 'utf8').catch(notThere);
  const name = kept ?? `server_${server}_${randomBytes(4).toString('hex')}`;
  const databases: Record<Store, string> = { default: name, visibility: `${name}_visibility` };
  if (kept === null) {
    await Promise.all([copy(socket, 'default', databases), copy(socket, 'visibility', databases)]);
    if (file !== null) await writeFile(file, name);
  } else {
    // Those of the last server: it is gone, and the new one would look for them.
    await askPostgres(socket, databases.default, 'delete from cluster_membership');
  }
  return databases;
}

async function copy(socket: PostgresSocket, store: Store, databases: Record<Store, string>): Promise<void> {
  const database = databases[store];
  await askPostgres(socket, 'postgres', `create database ${database} template ${TEMPLATES[store]}`);
  // A server looks for its schema's version under its database's name.
  await askPostgres(socket, database, 'update schema_version set db_name = current_database()');
}

function notThere(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
