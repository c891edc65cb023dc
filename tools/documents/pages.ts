import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ERRORS } from '../../contract/errors.ts';
import { configurationTables } from './configuration.ts';
import { markdownTable, withSection } from './section.ts';

/** The table of docs/api.md: every error that a user can meet. */
function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, message, retryable }]) => [
    `\`${code}\``,
    String(status),
    retryable ? 'yes' : 'no',
    message,
  ]);
  return markdownTable(['code', 'status', 'retried', 'message'], rows);
}

const docs = (name: string) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));

/** The pages that are made from the code in part. */
const PAGES = [
  { file: docs('configuration.md'), section: 'settings', make: configurationTables },
  { file: docs('api.md'), section: 'errors', make: async () => errorTable() },
];

/** Each of these pages as it is, and as the code wants it. */
export async function madePages(): Promise<{ file: string; is: string; wanted: string }[]> {
  return await Promise.all(
    PAGES.map(async ({ file, section, make }) => {
      const is = await readFile(file, 'utf8');
      return { file, is, wanted: await withSection(is, section, await make()) };
    }),
  );
}
