import { parseArgs } from 'node:util';
import type { Row } from './compare.ts';
import { formatRow, formatSummary, HEADER } from './report.ts';
import { parityRows } from './run.ts';

const USAGE = `usage: npm run parity -- DIR [--devices cpu,cuda:0]

Runs every stage and case of a reference folder (the format of test/fixtures/mochi-tiny-random) and prints one row each.
Exit code 0 if all pass, 1 if any fails, 2 if DIR cannot be used.
`;

/** @returns the exit code */
async function main(): Promise<number> {
  let dir: string | undefined;
  let devices: string[] | undefined;
  try {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { devices: { type: 'string' } } });
    devices = values.devices?.split(',');
    if (positionals.length === 1) [dir] = positionals;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
  if (dir === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const rows: Row[] = [];
  try {
    for await (const row of parityRows(dir, { devices })) {
      if (rows.push(row) === 1) process.stdout.write(`${HEADER}\n`);
      process.stdout.write(`${formatRow(row)}\n`);
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  process.stdout.write(`${formatSummary(rows)}\n`);
  return rows.every(({ pass }) => pass) ? 0 : 1;
}

process.exitCode = await main();
